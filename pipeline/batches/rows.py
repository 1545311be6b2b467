"""Batches of rows drawn from sequences.db by id; the data is never held in memory."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from models.batch import IGNORED, Batch
from pipeline.batches.order import ALL, Draw, Drawing, Epochs, SentenceOrder, Share, StreamOrder
from pipeline.settings.model_sections import Sentences, Stream
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END, START

# The test split is evaluated as one stream; the validation split as a few, since it is read after every epoch.
EVALUATION_ROWS, EVALUATION_STEPS = {"valid": 16, "test": 1}, 256


class RowBatches(Dataset[Batch]):
    """The batches that draws describe, read through a connection of the process that reads."""

    def __init__(self, sequences: Sequences) -> None:
        self.sequences = sequences

    def __getitem__(self, draw: Draw) -> Batch:
        """Return inputs and targets, each (rows, longest) int64; see `Draw`.

        Of a sentence they are START, w1 ... wn and w1 ... wn, END; in a stream the END of the row before takes the
        place of START.
        """
        rows = self.sequences.rows(draw.ids)
        lengths = np.array([len(row) for row in rows], np.int64)
        stops = np.cumsum(lengths + 1)  # in all the rows, laid end to end
        targets = np.insert(np.concatenate([*rows, [IGNORED]]), np.cumsum(lengths), IGNORED)
        inputs = np.roll(targets, 1)  # a word is read one step after it was the target
        inputs[stops - lengths - 1] = START if draw.fresh is None else END
        targets[stops[draw.ends] - 1] = END
        spans = draw.spans if len(draw.spans) else np.zeros((1, 2), np.int64)  # all padding
        steps = spans[:, :1] + np.arange(max(1, np.diff(spans).max()))
        inside = steps < spans[:, 1:]
        return Batch(
            torch.from_numpy(np.where(inside, inputs.take(steps, mode="clip"), START)),
            torch.from_numpy(np.where(inside, targets.take(steps, mode="clip"), IGNORED)),
            None if draw.fresh is None else torch.from_numpy(draw.fresh),
            draw.scale,
        )


class RowData:
    """Reads batches from a sequences.db. `share` is this process's part of the rows."""

    def __init__(self, database: Path, workers: int) -> None:
        self.sequences = Sequences(database)
        self.workers = workers
        self.first = (0, 0)  # the epoch and the batch that training starts with
        self.share = ALL
        self.pinned = False  # whether batches lie in memory that a GPU can read by itself

    def train_dataloader(self) -> DataLoader[Batch]:
        """Return the training batches from where training starts."""
        raise NotImplementedError

    def val_dataloader(self) -> DataLoader[Batch]:
        """Return the validation batches; only models that are validated have some."""
        raise NotImplementedError

    def read(self, dataset: Dataset[Batch], order: Epochs[Any]) -> DataLoader[Batch]:
        """Return the batches of `dataset` in this `order`; the dataset reads each batch whole."""
        return DataLoader(
            dataset,
            sampler=order,
            batch_size=None,
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
            pin_memory=self.pinned,
        )


class SequenceData(RowData):
    """Training, validation and test batches of a sequences.db.

    Training draws `batches`: sentences, or the split as a stream. Models are validated and tested on what they are
    trained on, in the database's order; the targets of both are the same.
    """

    def __init__(
        self, database: Path, *, seed: int, batches: Sentences | Stream | None = None, workers: int = 0
    ) -> None:
        super().__init__(database, workers)
        self.seed, self.batches = seed, batches or Sentences(kind="sentences")

    def target_counts(self) -> np.ndarray:
        """Return how often each word id is a target in an epoch, on average: float64 (V,).

        No row holds its END, which is a target of the database's `end_fraction` of the rows.
        """
        counts = self.sequences.word_counts("train").astype(np.float64)
        counts[END] = self.sequences.count("train") * self.sequences.end_fraction
        return counts

    def train_dataloader(self) -> DataLoader[Batch]:
        order = self.order("train", self.batches, shuffle=True, share=self.share)
        order.epoch, order.first = self.first
        return self.read(RowBatches(self.sequences), order)

    def val_dataloader(self) -> DataLoader[Batch]:
        return self.read(RowBatches(self.sequences), self.order("valid", share=self.share))

    def order(
        self, split: str, batches: Sentences | Stream | None = None, *, shuffle: bool = False, share: Share = ALL
    ) -> SentenceOrder | StreamOrder:
        """Return the order in which the rows of a split are read, by default in the batches of an evaluation."""
        if batches is None:
            batches = self.batches
            if batches.kind == "stream":
                batches = Stream(kind="stream", rows=EVALUATION_ROWS[split], steps=EVALUATION_STEPS)
        drawing = Drawing(self.seed, self.sequences.end_fraction, shuffle, share)
        settings = batches.model_dump(exclude={"kind"})
        if batches.kind == "sentences":
            return SentenceOrder(partial(self.sequences.lengths, split), drawing, **settings)
        return StreamOrder(self.sequences.runs(split), drawing, **settings)
