"""The order of an epoch's batches: a function of (seed, epoch) alone, so it repeats whatever reads it.

Nothing else is kept: training that resumes starts at the batch where it stopped, without reading the ones before, and
each of several processes draws its own rows of the same batches.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from torch.utils.data import Sampler

D = TypeVar("D")  # what a batch is read by


class Share(NamedTuple):
    """The rows of each batch that belong to this process: every `world`-th, from row `rank`."""

    rank: int = 0
    world: int = 1

    @property
    def rows(self) -> slice:
        """As an index into the rows of a batch."""
        return slice(self.rank, None, self.world)


ALL = Share()


class Drawing(NamedTuple):
    """How batches are drawn: with `shuffle` each epoch has another order, without it all have the same."""

    seed: int
    end_fraction: float  # of the database's rows END is a target
    shuffle: bool = False
    share: Share = ALL


class Draw(NamedTuple):
    """What makes a batch.

    The database's rows `ids`, each with START before it and END behind, are laid end to end; `spans` cuts the rows of
    the batch out of that. `ends` says for which ids END is a target, `fresh` which rows of the batch start anew
    (None: all).
    """

    ids: list[int]
    ends: np.ndarray
    spans: np.ndarray  # (rows, 2): where each starts and stops
    fresh: np.ndarray | None = None


class Epochs(Sampler[D]):
    """The batches of one epoch after another, from any batch on."""

    def __init__(self) -> None:
        self.epoch = self.first = 0

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls this before each epoch."""
        self.epoch = epoch

    def start_at(self, epoch: int, batch: int) -> None:
        """Let the next iteration start at this batch of this epoch."""
        self.epoch, self.first = epoch, batch

    def __iter__(self) -> Iterator[D]:
        # As a generator: a loader with worker processes asks for an iterator twice and reads the second.
        first, self.first = self.first, 0
        yield from self.batches(first)

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of batches in an epoch."""

    @abstractmethod
    def batches(self, first: int) -> Iterator[D]:
        """Yield the epoch's batches from number `first` on."""


class Order(Epochs[Draw]):
    """The batches of an epoch, made of the database's rows `ids` with these `lengths`: this process's share of each."""

    def __init__(self, ids: np.ndarray, lengths: np.ndarray, drawing: Drawing) -> None:
        super().__init__()
        self.ids, self.lengths, self.drawing = ids, lengths, drawing

    def start_epoch(self) -> tuple[np.random.Generator, np.ndarray]:
        """Return the epoch's random numbers, and for each row whether END is a target."""
        random = np.random.default_rng((self.drawing.seed, self.epoch if self.drawing.shuffle else 0))
        return random, random.random(len(self.ids)) < self.drawing.end_fraction


class SentenceOrder(Order):
    """Rows of similar length together, in random order.

    Rows are shuffled, then sorted by length, so that every epoch mixes other rows of a length; the number and the
    shapes of the batches stay the same. A batch holds at most `tokens` tokens, padding and START included (a longer
    row is a batch of its own), over all processes.
    """

    def __init__(self, ids: np.ndarray, lengths: np.ndarray, drawing: Drawing, *, tokens: int) -> None:
        super().__init__(ids, lengths, drawing)
        self.bounds = batch_bounds(np.sort(lengths), tokens)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def batches(self, first: int) -> Iterator[Draw]:
        random, ends = self.start_epoch()
        order = random.permutation(len(self.ids))
        order = order[np.argsort(self.lengths[order], kind="stable")]
        numbers = random.permutation(len(self)) if self.drawing.shuffle else np.arange(len(self))
        for number in numbers[first:]:
            rows = order[self.bounds[number] : self.bounds[number + 1]][self.drawing.share.rows]
            bounds = np.cumsum([0, *(self.lengths[rows] + 1)])
            yield Draw(self.ids[rows].tolist(), ends[rows], np.stack([bounds[:-1], bounds[1:]], axis=1))


def batch_bounds(lengths: np.ndarray, tokens: int) -> list[int]:
    """Return where to cut rows of ascending `lengths` so that rows x (longest + 1) stays within `tokens`."""
    bounds = [0]
    for row, length in enumerate(lengths.tolist()):
        if row > bounds[-1] and (row + 1 - bounds[-1]) * (length + 1) > tokens:
            bounds.append(row)
    return [*bounds, len(lengths)]


class StreamOrder(Order):
    """Articles as streams, for a state that is carried from batch to batch (truncated BPTT).

    An article is its rows end to end, each with START before it and, where drawn, END as its last target: the inputs
    and targets that its sentences have when they are drawn alone. It is cut into pieces of `steps` steps, the last one
    shorter, so that an article always starts at the first step of a batch. The pieces of all articles, these in random
    order, form one line, which is cut into `rows` rows of equal length; batch t holds the t-th piece of each row. A row
    is fresh, and takes the initial state, where an article starts; an article that is cut between two rows starts once
    more, from its middle, in the second.

    Holds a few numbers for each row of the database and each article, whatever their length.
    """

    def __init__(
        self, ids: np.ndarray, lengths: np.ndarray, drawing: Drawing, *, article_ids: np.ndarray, rows: int, steps: int
    ) -> None:
        super().__init__(ids, lengths, drawing)
        self.rows, self.steps = max(rows, drawing.share.world), steps
        # Steps are counted from the start of the split, through all its articles.
        self.bounds = np.concatenate([[0], np.cumsum(lengths + 1, dtype=np.int64)])  # between the database's rows
        articles = np.flatnonzero(np.diff(article_ids, prepend=-1, append=-1))
        self.article_bounds = self.bounds[articles]
        self.pieces = -(-np.diff(self.article_bounds) // steps)  # of each article

    def __len__(self) -> int:
        return int(-(-self.pieces.sum() // self.rows))

    def batches(self, first: int) -> Iterator[Draw]:
        random, ends = self.start_epoch()
        order = random.permutation(len(self.pieces)) if self.drawing.shuffle else np.arange(len(self.pieces))
        line = np.cumsum(self.pieces[order])  # pieces up to each article's last, in this epoch's order
        cuts = line[-1] * np.arange(self.rows + 1) // self.rows
        starts, stops = cuts[:-1][self.drawing.share.rows], cuts[1:][self.drawing.share.rows]
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
            rows, spans[reading] = self._lay_out(start, stop)
            yield Draw(self.ids[rows].tolist(), ends[rows], spans, fresh)

    def _lay_out(self, start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the database's rows that hold these ranges of steps, and the ranges once those rows lie end to end."""
        first = np.searchsorted(self.bounds, start, side="right") - 1
        after = np.searchsorted(self.bounds, stop, side="left")
        laid = np.cumsum(self.bounds[after] - self.bounds[first])
        shift = np.concatenate([[0], laid[:-1]]) - self.bounds[first]
        rows = np.concatenate([np.arange(0), *map(np.arange, first, after)])
        return rows, np.stack([start + shift, stop + shift], axis=1)
