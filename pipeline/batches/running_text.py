"""The training rows as running text for word vectors, with frequent words thinned.

Articles in random order make one text, which is entered at as many places as a batch has rows. Each row reads on from
its place, batch after batch, so a state can be carried along.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from models.batch import Batch
from pipeline.batches.order import Epochs, Share, shuffled
from pipeline.batches.rows import RowData
from pipeline.run.errors import UserError
from pipeline.settings.model_sections import Batches, TrainingText
from pipeline.store.runs import row_ids
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS

RUNS_AT_ONCE = 8  # of the database's rows, read for a row of the batch


def threshold(words: float, text: TrainingText) -> float:
    """Return the share above which a word of a text of so many `words` is thinned; 0: none is.

    The less text there is, the less can be spared: on a million words or fewer thinning above 0.001 was best for all
    kinds of vectors, on ten million above 0.0001; on 40 million 0.00006 to 0.0002 were equally good, and better than
    0.000027 (benchmarks/RESULTS.md).
    """
    return float(np.clip(1000 / max(words, 1), 7e-5, 1e-3)) if text.subsample is None else text.subsample


def keep_chances(counts: np.ndarray, text: TrainingText) -> np.ndarray:
    """Return the chance (V,) that an occurrence of each word is kept, from its counts (V,) in the training rows.

    A word of frequency f is kept with sqrt(t / f) + t / f, at most 1, where t is the `threshold`: word2vec's
    program (the paper, Mikolov et al. 2013b, has another formula).
    """
    chances = np.zeros(len(counts))
    chances[WORDS if text.unknown == "drop" else slice(None)] = 1
    read = counts * chances
    if share := threshold(read.sum(), text):
        excess = share * read.sum() / np.maximum(read, 1)
        chances *= np.minimum(np.sqrt(excess) + excess, 1)
    return chances


def thinned(tokens: np.ndarray, chances: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw which of the `tokens` (n,) are kept: (n,) of bool."""
    kept: np.ndarray = random.random(len(tokens), np.float32) < chances[tokens]
    return kept


class Number(NamedTuple):
    """A batch by its number."""

    epoch: int
    batch: int


class Numbers(Epochs[Number]):
    """So many batches in every epoch, by their numbers."""

    def __init__(self, each: int) -> None:
        self.each = each

    def __len__(self) -> int:
        return self.each

    def batches(self, first: int) -> Iterator[Number]:
        return (Number(self.epoch, batch) for batch in range(first, self.each))


class RunningText(Dataset[Batch]):
    """Batches that follow from one another: a later one is found by reading on, an earlier one from the start."""

    def __init__(
        self, sequences: Sequences, chances: np.ndarray, *, rows: int, steps: int, seed: int, share: Share
    ) -> None:
        self.sequences, self.chances = sequences, chances
        self.rows, self.steps, self.seed = np.arange(rows)[share.rows], steps, seed
        self.runs = sequences.runs("train")
        self.places = self.rows / rows
        self.next: Number | None = None
        self.batches: Iterator[np.ndarray] = iter(())  # from `next` on

    def __getitem__(self, draw: Number) -> Batch:
        """Return word ids (rows, steps) int64, as inputs and as targets; every row is fresh at an epoch's start."""
        if self.next is None or self.next.epoch != draw.epoch or self.next.batch > draw.batch:
            self.batches, self.next = self._epoch(draw.epoch), Number(draw.epoch, 0)
        words = torch.from_numpy(next(islice(self.batches, draw.batch - self.next.batch, None)))
        self.next = Number(draw.epoch, draw.batch + 1)
        return Batch(words, words, torch.full((len(words),), draw.batch == 0))

    def _epoch(self, epoch: int) -> Iterator[np.ndarray]:
        """Yield the batches (rows, steps) of an epoch: articles in random order, read from each row's place in them."""
        line = shuffled(self.runs, np.random.default_rng((self.seed, epoch)))
        ends = np.cumsum(self.runs["words"][line], dtype=np.int64)
        starts = np.searchsorted(ends, self.places * ends[-1], side="right")
        readers = [
            self._words(line, start, np.random.default_rng((self.seed, epoch, row)))
            for row, start in zip(self.rows, starts, strict=True)
        ]
        yield from map(np.stack, zip(*readers, strict=True))

    def _words(self, line: np.ndarray, start: int, random: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield the words of the runs `line` from the `start`-th on, and from the first again, `steps` at a time."""
        kept = np.zeros(0, np.int64)
        while True:
            while len(kept) < self.steps:
                some = self.runs[line.take(range(start, start + RUNS_AT_ONCE), mode="wrap")]
                words = np.concatenate(self.sequences.rows(row_ids(some).tolist()))
                kept = np.concatenate([kept, words[thinned(words, self.chances, random)]])
                start = (start + RUNS_AT_ONCE) % len(line)
            yield kept[: self.steps]
            kept = kept[self.steps :]


class RunningTextData(RowData):
    """The training rows of a sequences.db as running text.

    An epoch has as many batches as the text gives on average, so that their number does not depend on what is drawn.
    Several processes divide them. Raises `UserError` where the text gives no batch.
    """

    def __init__(self, name: str, database: Path, settings: Batches, *, seed: int, workers: int = 0) -> None:
        super().__init__(database, workers)
        self.name, self.settings, self.seed = name, settings, seed
        counts = self.sequences.word_counts("train")
        chances = keep_chances(counts, settings)
        self.chances = chances.astype(np.float32)
        self.expected = counts * chances  # occurrences (V,) of each word in an epoch
        self.words = int(counts[chances > 0].sum())  # before frequent ones are thinned
        self.batches = int(self.expected.sum()) // (settings.rows * settings.steps)
        if not self.batches:
            raise UserError(
                f"params.yaml: models.{name}.data: a batch of {settings.rows} rows of {settings.steps} steps "
                f"takes more than the {int(self.expected.sum()):,} words that the training rows have once they are "
                "thinned; use fewer rows, or more text"
            )

    def train_dataloader(self) -> DataLoader[Batch]:
        """Return the batches from where training stands."""
        settings = self.settings
        # Each process has batches of its own, because a step of half the rows takes more than half of the time.
        order = Numbers(max(1, self.batches // self.share.world))
        order.epoch, order.first = self.first
        text = RunningText(
            self.sequences,
            self.chances,
            rows=settings.rows * self.share.world,
            steps=settings.steps,
            seed=self.seed,
            share=self.share,
        )
        return self.read(text, order)
