"""Drawing training batches at random from sequences.db, row by row id, never holding the data.

The order of an epoch is a function of (seed, epoch) alone, so it repeats whatever reads it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytorch_lightning as L
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from models.language_model import IGNORED, Batch
from pipeline.corpus.sequences import SPLITS, Sequences
from pipeline.corpus.words import END, START
from pipeline.run.console import UserError


class Draw(NamedTuple):
    """Which rows make a batch, and for which of them END is a target."""

    ids: list[int]
    ends: np.ndarray


class BatchOrder(Sampler[Draw]):
    """The batches of an epoch: rows of similar length together, in random order.

    Rows are shuffled, then sorted by length, so that every epoch mixes other rows of a length; the
    number and the shapes of the batches stay the same. A batch holds at most `batch_tokens` tokens,
    padding and START included (a longer row is a batch of its own).
    """

    def __init__(
        self,
        ids: np.ndarray,
        lengths: np.ndarray,
        *,
        batch_tokens: int,
        end_fraction: float,
        seed: int,
        shuffle: bool,
    ) -> None:
        self.ids, self.lengths = ids, lengths
        self.end_fraction, self.seed, self.shuffle = end_fraction, seed, shuffle
        self.bounds = batch_bounds(np.sort(lengths), batch_tokens)
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls this before each epoch."""
        self.epoch = epoch if self.shuffle else 0

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __iter__(self) -> Iterator[Draw]:
        random = np.random.default_rng((self.seed, self.epoch))
        order = random.permutation(len(self.ids))
        order = order[np.argsort(self.lengths[order], kind="stable")]
        ends = random.random(len(order)) < self.end_fraction
        batches = random.permutation(len(self)) if self.shuffle else range(len(self))
        for batch in batches:
            rows = slice(self.bounds[batch], self.bounds[batch + 1])
            yield Draw(self.ids[order[rows]].tolist(), ends[rows])


def batch_bounds(lengths: np.ndarray, batch_tokens: int) -> list[int]:
    """Where to cut rows of ascending `lengths` so that rows x (longest + 1) stays within `batch_tokens`."""
    bounds = [0]
    for row, length in enumerate(lengths.tolist()):
        if row > bounds[-1] and (row + 1 - bounds[-1]) * (length + 1) > batch_tokens:
            bounds.append(row)
    return [*bounds, len(lengths)]


class RowBatches(Dataset[Batch]):
    """The batches that draws name, read through a connection of the process that reads."""

    def __init__(self, sequences: Sequences) -> None:
        self.sequences = sequences

    def __getitem__(self, draw: Draw) -> Batch:
        """Inputs START, w1 ... wn and targets w1 ... wn, END, each (rows, longest + 1) int64; see `Batch`."""
        rows = self.sequences.rows(draw.ids)
        longest = max(map(len, rows))
        inputs = np.full((len(rows), longest + 1), START, np.int64)
        targets = np.full((len(rows), longest + 1), IGNORED, np.int64)
        for i, (row, end) in enumerate(zip(rows, draw.ends, strict=True)):
            inputs[i, 1 : len(row) + 1] = row
            targets[i, : len(row)] = row
            if end:
                targets[i, len(row)] = END
        return Batch(torch.from_numpy(inputs), torch.from_numpy(targets))


class SequenceData(L.LightningDataModule):
    """Training, validation and test batches of a sequences.db."""

    def __init__(self, database: Path, *, batch_tokens: int, end_fraction: float, seed: int, workers: int = 0) -> None:
        super().__init__()
        self.sequences = Sequences(database)
        self.batch_tokens = batch_tokens
        self.end_fraction = end_fraction
        self.seed = seed
        self.workers = workers

    def setup(self, stage: str) -> None:
        """Lightning calls this first: a split without rows must not be found out after the training."""
        for split in SPLITS:
            if not self.sequences.count(split):
                raise UserError(
                    f"{self.sequences.path}: has no {split} rows: too few articles for index.valid_fraction "
                    "and index.test_fraction; use a larger dump or other fractions"
                )

    def train_dataloader(self) -> DataLoader[Batch]:
        return self.loader("train", shuffle=True)

    def val_dataloader(self) -> DataLoader[Batch]:
        return self.loader("valid")

    def test_dataloader(self) -> DataLoader[Batch]:
        return self.loader("test")

    def loader(self, split: str, *, shuffle: bool = False) -> DataLoader[Batch]:
        """The batches of a split."""
        ids, lengths = self.sequences.ids_and_lengths(split)
        order = BatchOrder(
            ids,
            lengths,
            batch_tokens=self.batch_tokens,
            end_fraction=self.end_fraction,
            seed=self.seed,
            shuffle=shuffle,
        )
        return DataLoader(
            RowBatches(self.sequences),
            sampler=order,
            batch_size=None,  # the sampler draws whole batches
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
        )
