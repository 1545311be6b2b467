"""The order of an epoch's batches: a function of (seed, epoch) alone, so it repeats whatever reads it.

Nothing else is kept: training that resumes starts at the batch where it stopped, without reading the ones before.
Memory is a few bytes for each row of the database.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.store.runs import row_ids

D = TypeVar("D")  # what a batch is read by
FIXED_DRAW = (0,)  # seed of which ENDs of a split that is only read are targets: the same ones for every model
RESTARTS = 0.01  # share of the rows of a batch that start anew in training


class Drawing(NamedTuple):
    """How batches are drawn: with `shuffle` each epoch has another order, without it all have the same."""

    seed: int
    end_fraction: float  # of the database's rows END is a target
    shuffle: bool = False


class Draw(NamedTuple):
    """The rows of a batch.

    The database's rows `ids`, each with END after it, are laid end to end; `spans` cuts the rows of the batch out of
    that. `places` says where each row of the batch starts in the epoch's order of all these rows, END included (empty
    for random rows in training). `ends` says for which ids END is a target. `fresh` says which rows of a stream start
    anew; None: random rows, all do.
    """

    ids: list[int]
    ends: np.ndarray
    spans: np.ndarray  # (rows, 2): where each starts and stops
    places: np.ndarray
    fresh: np.ndarray | None = None


def drawn_ends(rows: np.ndarray, end_fraction: float, seed: tuple[int, ...] = FIXED_DRAW) -> np.ndarray:
    """Return whether END is a target of each of `rows`, by a hash of its number and the seed.

    A row's number is its id in training and, in evaluation, its place in its split: a text is scored alike wherever it
    is stored. The hash is SplitMix64 (Steele et al. 2014).
    """
    (key,) = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    bits = rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + key
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    bits ^= bits >> np.uint64(31)
    drawn: np.ndarray = (bits >> np.uint64(11)) / 2**53 < end_fraction  # as many bits as a float holds
    return drawn


class Epochs(Iterable[D]):
    """The batches of one epoch after another, from any batch on: the `sampler` of a DataLoader."""

    epoch = first = 0  # the epoch, and the batch at which the next iteration starts

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls this before each epoch."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[D]:
        first, self.first = self.first, 0
        yield from self.batches(first)

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of batches in an epoch."""

    @abstractmethod
    def batches(self, first: int) -> Iterator[D]:
        """Yield the epoch's batches from number `first` on."""


class Order(Epochs[Draw]):
    """The batches of an epoch, made of rows of the database."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    @property
    def seed(self) -> tuple[int, ...]:
        """The seed of the epoch."""
        return (self.drawing.seed, self.epoch) if self.drawing.shuffle else FIXED_DRAW


class RowOrder(Order):
    """Rows of similar length together, in random order.

    Rows are ordered by length, and shuffled among those of their length, so that every epoch mixes other rows; the
    number and the shapes of the batches stay the same. A batch holds at most `tokens` tokens, padding and START
    included; a longer row is a batch of its own.

    `read` reads the ids and the lengths of all rows, in id order, thousands at a time. Only ids are held.
    """

    def __init__(
        self, read: Callable[[], Iterable[tuple[np.ndarray, np.ndarray]]], drawing: Drawing, *, tokens: int
    ) -> None:
        super().__init__(drawing)
        self.read = read
        self.counts, self.last = np.zeros(1, np.int64), 0  # how many rows have each length; the last id
        for ids, lengths in read():
            more = np.bincount(lengths, minlength=len(self.counts))
            more[: len(self.counts)] += self.counts
            self.counts, self.last = more, int(ids[-1])
        self.bounds = batch_bounds(self.counts, tokens)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def batches(self, first: int) -> Iterator[Draw]:
        order, buckets = self._by_length(), np.cumsum(self.counts)  # where the rows of a length stop
        numbers, places = np.arange(len(self)), np.zeros(0, np.int64)
        if self.drawing.shuffle:
            random = np.random.default_rng(self.seed)
            for bucket in np.split(order, buckets):
                random.shuffle(bucket)
            random.shuffle(numbers)
        else:
            every, all_lengths = map(np.concatenate, zip(*self.read(), strict=True))
            starts = np.cumsum(all_lengths + 1, dtype=np.int64) - all_lengths - 1
        for number in numbers[first:]:
            rows = np.arange(self.bounds[number], self.bounds[number + 1])
            ids, lengths = order[rows], np.searchsorted(buckets, rows, side="right")
            drawn = ids
            if not self.drawing.shuffle:
                drawn = np.searchsorted(every, ids)
                places = starts[drawn]
            ends = drawn_ends(drawn, self.drawing.end_fraction, self.seed)
            bounds = np.cumsum([0, *(lengths + 1)])
            yield Draw(ids.tolist(), ends, np.stack([bounds[:-1], bounds[1:]], axis=1), places)

    def _by_length(self) -> np.ndarray:
        """Return the ids of all rows by length, by a counting sort."""
        order = np.empty(self.counts.sum(), np.min_scalar_type(self.last))
        free = np.cumsum(self.counts) - self.counts  # places of the next row of each length
        small = np.min_scalar_type(len(self.counts))  # of 16 bits or fewer, NumPy sorts ten times as fast
        for ids, lengths in self.read():
            more = np.bincount(lengths, minlength=len(free))
            places = np.repeat(free - np.cumsum(more) + more, more) + np.arange(len(ids))
            order[places] = ids[np.argsort(lengths.astype(small), kind="stable")]
            free += more
        return order


def batch_bounds(counts: np.ndarray, tokens: int) -> np.ndarray:
    """Return where to cut rows by length, so many of each, so that rows x (longest + 1) stays within `tokens`."""
    cuts, last, row = [np.zeros(1, np.int64)], 0, 0  # `last` is the last cut
    for length in np.flatnonzero(counts).tolist():
        most = max(1, tokens // (length + 1))
        some = np.arange(max(last + most, row), row + counts[length], most)
        if len(some):
            cuts.append(some)
            last = int(some[-1])
        row += int(counts[length])
    return np.concatenate([*cuts, [row]])


class StreamOrder(Order):
    """The split as one stream of words, for a state that is carried from batch to batch (truncated BPTT).

    END parts the sentences: each word is predicted from all words and ENDs before it, as the field measures language
    models (Mikolov et al. 2010). Articles come in random order if shuffled, else in the database's. The stream is cut
    into `rows` rows of equal length, and batch t holds the t-th `steps` steps of each row. A row is fresh, and takes
    the initial state, at the start of an epoch, and in training now and then, which teaches what that state means.

    The database's rows are held as its `runs`.
    """

    def __init__(self, runs: np.ndarray, drawing: Drawing, *, rows: int, steps: int) -> None:
        super().__init__(drawing)
        self.runs, self.rows, self.steps = runs, rows, steps
        steps_in_all = int(runs["words"].sum(dtype=np.int64) + runs["rows"].sum(dtype=np.int64))  # with those of ENDs
        self.longest = -(-steps_in_all // self.rows)  # row of the batches

    def __len__(self) -> int:
        return -(-self.longest // self.steps)

    def batches(self, first: int) -> Iterator[Draw]:
        random = np.random.default_rng(self.seed)
        line = shuffled(self.runs, random) if self.drawing.shuffle else np.arange(len(self.runs))
        bounds = np.zeros(len(line) + 1, np.int64)  # of the runs
        np.cumsum((self.runs["words"] + self.runs["rows"])[line], out=bounds[1:])
        cuts = bounds[-1] * np.arange(self.rows + 1) // self.rows
        restarts = RESTARTS if self.drawing.shuffle else 0
        every = row_ids(self.runs[:0] if self.drawing.shuffle else self.runs)
        for batch in range(first, len(self)):
            start, stop = (np.minimum(cuts[:-1] + self.steps * edge, cuts[1:]) for edge in (batch, batch + 1))
            numbers, spans = _lay_out(bounds, start, stop)
            ids = row_ids(self.runs[line[numbers]])
            drawn = ids if self.drawing.shuffle else np.searchsorted(every, ids)
            ends = drawn_ends(drawn, self.drawing.end_fraction, self.seed)
            fresh = (np.random.default_rng((*self.seed, batch)).random(self.rows) < restarts) | (batch == 0)
            yield Draw(ids.tolist(), ends, spans, start, fresh)


def shuffled(runs: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the numbers of `runs`, their articles in random order."""
    articles = np.flatnonzero(np.diff(runs["article_id"], prepend=-1, append=-1))
    order = random.permutation(len(articles) - 1)
    sizes = np.diff(articles)[order]
    line: np.ndarray = np.repeat(articles[order] - np.cumsum(sizes) + sizes, sizes)
    line += np.arange(len(runs))
    return line


def _lay_out(bounds: np.ndarray, start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the runs that hold these ranges of steps, and the ranges once those runs lie end to end."""
    first = np.searchsorted(bounds, start, side="right") - 1
    after = np.maximum(first, np.searchsorted(bounds, stop, side="left"))
    laid = np.cumsum(bounds[after] - bounds[first])
    shift = np.concatenate([[0], laid[:-1]]) - bounds[first]
    numbers = np.concatenate([np.arange(0), *map(np.arange, first, after)])
    return numbers, np.stack([start + shift, stop + shift], axis=1)
