"""Reading articles as streams, for a state that is carried from batch to batch (truncated backpropagation in time).

An article is its rows end to end, each with START before it and, where drawn, END as its last target: the very
inputs and targets that its sentences have when they are drawn alone. It is cut into pieces of `steps`
steps, the last one shorter, so that an article always starts at the first step of a batch. The pieces of all
articles, these in random order, form one line, which is cut into `rows` rows of equal length; batch t holds
the t-th piece of each row. A row is fresh, and takes the initial state, where an article starts; an article
that the cut between two rows parts starts once more, from its middle, in the second.
"""

from collections.abc import Iterator

import numpy as np

from pipeline.batches.order import ALL, Draw, Order, Share


class StreamOrder(Order):
    """The batches of an epoch: `rows` articles side by side, `steps` steps at a time.

    Holds a few numbers for each row of the database and each article, whatever their length.
    """

    def __init__(
        self,
        ids: np.ndarray,
        lengths: np.ndarray,
        article_ids: np.ndarray,
        *,
        rows: int,
        steps: int,
        end_fraction: float,
        seed: int,
        shuffle: bool,
        share: Share = ALL,
    ) -> None:
        super().__init__(ids, lengths, end_fraction=end_fraction, seed=seed, shuffle=shuffle, share=share)
        self.rows, self.steps = max(rows, share.world), steps
        # Steps are counted from the start of the split, through all its articles.
        self.bounds = np.concatenate([[0], np.cumsum(lengths + 1, dtype=np.int64)])  # between the database's rows
        articles = np.flatnonzero(np.diff(article_ids, prepend=-1, append=-1))
        self.article_bounds = self.bounds[articles]
        self.pieces = -(-np.diff(self.article_bounds) // steps)  # of each article

    def __len__(self) -> int:
        return int(-(-self.pieces.sum() // self.rows))

    def draws(self, random: np.random.Generator, ends: np.ndarray, first: int) -> Iterator[Draw]:
        order = random.permutation(len(self.pieces)) if self.shuffle else np.arange(len(self.pieces))
        line = np.cumsum(self.pieces[order])  # pieces up to each article's last, in this epoch's order
        cuts = line[-1] * np.arange(self.rows + 1) // self.rows
        starts, stops = cuts[:-1][self.share.rows], cuts[1:][self.share.rows]
        for batch in range(first, len(self)):
            piece = starts + batch
            reading = piece < stops  # some rows are a piece shorter than others
            place = np.searchsorted(line, piece[reading], side="right")
            article = order[place]
            number = piece[reading] - line[place] + self.pieces[article]  # of the piece within its article
            start = self.article_bounds[article] + number * self.steps
            stop = np.minimum(start + self.steps, self.article_bounds[article + 1])
            fresh = np.ones(len(piece), bool)
            fresh[reading] = (number == 0) | (batch == 0)
            spans = np.zeros((len(piece), 2), np.int64)
            rows, spans[reading] = self._laid(start, stop)
            yield Draw(self.ids[rows].tolist(), ends[rows], spans, fresh)

    def _laid(self, start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The database's rows that hold these ranges of steps, and the ranges once those rows lie end to end."""
        first = np.searchsorted(self.bounds, start, side="right") - 1
        after = np.searchsorted(self.bounds, stop, side="left")
        laid = np.cumsum(self.bounds[after] - self.bounds[first])
        shift = np.concatenate([[0], laid[:-1]]) - self.bounds[first]
        rows = np.concatenate([np.arange(0), *map(np.arange, first, after)])
        return rows, np.stack([start + shift, stop + shift], axis=1)
