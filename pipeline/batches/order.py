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
HELD_OUT = 0  # seed of which ENDs of a split that is only read are targets: the same ones for every model
RESTARTS = 0.01  # share of the rows of a batch that start anew in training
# Merity et al. (2018): one batch in twenty has half of the steps, and their number has this standard deviation.
HALVED, SPREAD = 0.05, 5.0


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
    """The rows of a batch.

    The database's rows `ids`, each with END after it, are laid end to end; `spans` cuts the rows of the batch out of
    that. `places` says where each row of the batch starts in the epoch's order of all these rows, END included. `ends`
    says for which ids END is a target. `fresh` says which rows of a stream start anew; None: sentences, all do. `scale`
    multiplies the learning rate.
    """

    ids: list[int]
    ends: np.ndarray
    spans: np.ndarray  # (rows, 2): where each starts and stops
    places: np.ndarray
    fresh: np.ndarray | None = None
    scale: float = 1.0


def drawn_ends(random: np.random.Generator, rows: int, end_fraction: float) -> np.ndarray:
    """Return for each of a split's rows whether its END is a target."""
    return random.random(rows) < end_fraction


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
        random = np.random.default_rng((self.drawing.seed, self.epoch) if self.drawing.shuffle else HELD_OUT)
        return random, drawn_ends(random, len(self.ids), self.drawing.end_fraction)


class SentenceOrder(Order):
    """Rows of similar length together, in random order.

    Rows are shuffled, then sorted by length, so that every epoch mixes other rows of a length; the number and the
    shapes of the batches stay the same. A batch holds at most `tokens` tokens, padding and START included (a longer
    row is a batch of its own), over all processes.
    """

    def __init__(self, ids: np.ndarray, lengths: np.ndarray, drawing: Drawing, *, tokens: int) -> None:
        super().__init__(ids, lengths, drawing)
        self.bounds = batch_bounds(np.sort(lengths), tokens)
        self.places = np.cumsum(lengths + 1, dtype=np.int64) - lengths - 1

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
            yield Draw(
                self.ids[rows].tolist(), ends[rows], np.stack([bounds[:-1], bounds[1:]], axis=1), self.places[rows]
            )


def batch_bounds(lengths: np.ndarray, tokens: int) -> list[int]:
    """Return where to cut rows of ascending `lengths` so that rows x (longest + 1) stays within `tokens`."""
    bounds = [0]
    for row, length in enumerate(lengths.tolist()):
        if row > bounds[-1] and (row + 1 - bounds[-1]) * (length + 1) > tokens:
            bounds.append(row)
    return [*bounds, len(lengths)]


class StreamOrder(Order):
    """The split as one stream of words, for a state that is carried from batch to batch (truncated BPTT).

    END parts the sentences: each word is predicted from all words and ENDs before it, as the field measures language
    models (Mikolov et al. 2010). Articles come in random order if shuffled, else in the database's. The stream is cut
    into `rows` rows of equal length, and batch t holds the t-th `steps` steps of each row. With `varying`, their number
    varies from batch to batch (Merity et al. 2018), so that other words stand where gradients are cut, and the learning
    rate with it. A row is fresh, and takes the initial state, at the start of an epoch, and in training now and then,
    which teaches what that state means.

    Holds a few numbers for each row of the database, whatever its length.
    """

    def __init__(
        self,
        ids: np.ndarray,
        lengths: np.ndarray,
        drawing: Drawing,
        *,
        article_ids: np.ndarray,
        rows: int,
        steps: int,
        varying: bool = False,
    ) -> None:
        super().__init__(ids, lengths, drawing)
        self.rows, self.steps, self.varying = max(rows, drawing.share.world), steps, varying
        self.articles = np.flatnonzero(np.diff(article_ids, prepend=-1, append=-1))
        self.longest = -(-int(lengths.sum() + len(lengths)) // self.rows)  # row of the batches

    def __len__(self) -> int:
        return -(-self.longest // self.steps)

    def batches(self, first: int) -> Iterator[Draw]:
        random, ends = self.start_epoch()
        line = self._line(random)
        bounds = np.concatenate([[0], np.cumsum(self.lengths[line] + 1, dtype=np.int64)])  # of the database's rows
        cuts = bounds[-1] * np.arange(self.rows + 1) // self.rows
        starts, stops = cuts[:-1][self.drawing.share.rows], cuts[1:][self.drawing.share.rows]
        edges = self._edges(random)
        fresh = random.random((len(self), self.rows), np.float32) < (RESTARTS if self.drawing.shuffle else 0)
        fresh[0] = True
        for batch in range(first, len(self)):
            start, stop = np.minimum(starts + edges[batch], stops), np.minimum(starts + edges[batch + 1], stops)
            rows, spans = _lay_out(bounds, start, stop)
            rows = line[rows]
            scale = float(edges[batch + 1] - edges[batch]) / self.steps if self.varying else 1.0
            yield Draw(self.ids[rows].tolist(), ends[rows], spans, start, fresh[batch, self.drawing.share.rows], scale)

    def _line(self, random: np.random.Generator) -> np.ndarray:
        """Return the epoch's order of the database's rows."""
        if not self.drawing.shuffle:
            return np.arange(len(self.ids))
        order = random.permutation(len(self.articles) - 1)
        sizes = np.diff(self.articles)[order]
        within = np.arange(len(self.ids)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        line: np.ndarray = np.repeat(self.articles[order], sizes) + within
        return line

    def _edges(self, random: np.random.Generator) -> np.ndarray:
        """Return where the batches part each row: (batches + 1,), from 0 to the length of the longest row."""
        sizes = np.full(len(self), float(self.steps))
        if self.varying and self.drawing.shuffle:
            sizes[random.random(len(self)) < HALVED] /= 2
            sizes = np.maximum(random.normal(sizes, SPREAD), SPREAD)
            # Scaled to the row, so that every epoch has as many batches. Each has a step, since one without would pass
            # its padding through the carried state.
            more = np.round(np.cumsum(sizes) / sizes.sum() * (self.longest - len(self)))
            return np.concatenate([[0], more + np.arange(1, len(self) + 1)]).astype(np.int64)
        return np.minimum(np.arange(len(self) + 1) * self.steps, self.longest)


def _lay_out(bounds: np.ndarray, start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the rows that hold these ranges of steps, and the ranges once those rows lie end to end."""
    first = np.searchsorted(bounds, start, side="right") - 1
    after = np.maximum(first, np.searchsorted(bounds, stop, side="left"))
    laid = np.cumsum(bounds[after] - bounds[first])
    shift = np.concatenate([[0], laid[:-1]]) - bounds[first]
    rows = np.concatenate([np.arange(0), *map(np.arange, first, after)])
    return rows, np.stack([start + shift, stop + shift], axis=1)
