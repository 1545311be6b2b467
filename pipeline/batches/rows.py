"""Batches of rows drawn from sequences.db by id; the data is never held in memory."""

from abc import abstractmethod
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from models.batch import IGNORED, Batch
from pipeline.batches.order import Draw, Drawing, Epochs, RowOrder, StreamOrder
from pipeline.settings.model_sections import RandomRows, Stream
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import END, START

if TYPE_CHECKING:  # most models have no n-grams
    from pipeline.ngrams.companion import Companion

# The test split is evaluated as one stream; the validation split as a few, since it is read after every epoch.
EVALUATION_ROWS, EVALUATION_STEPS = {"valid": 16, "test": 1}, 256


class RowData(Dataset[Batch]):
    """Batches of a sequences.db, to train on, each read through a connection of the process that reads."""

    def __init__(self, database: Path) -> None:
        self.sequences = Sequences(database)

    @abstractmethod
    def train_order(self) -> Epochs[Any]:
        """Return the order in which the training batches are read."""

    def valid_loader(self) -> DataLoader[Batch] | None:
        """Return the validation batches; only models that are validated have some."""
        return None

    def loader(self, order: Epochs[Any]) -> DataLoader[Batch]:
        """Return the batches in this order, for a GPU in memory that it can read by itself."""
        return DataLoader(self, sampler=order, batch_size=None, pin_memory=torch.cuda.is_available())


class SequenceData(RowData):
    """Training, validation and test batches of a sequences.db.

    Training draws `batches`: rows at random, or the split as a stream. Models are validated and tested on what they are
    trained on, in the database's order; the targets of both are the same.
    """

    companion: "Companion | None" = None  # of a model with a gate to n-grams

    def __init__(self, database: Path, *, seed: int, batches: RandomRows | Stream | None = None) -> None:
        super().__init__(database)
        self.seed, self.batches = seed, batches or RandomRows(kind="random_rows")

    def __getitem__(self, draw: Draw) -> Batch:
        """Return inputs and targets, each (rows, longest) int64; see `Draw`.

        Of a row they are START, w1 ... wn and w1 ... wn, END; in a stream the END of the row before takes the
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
        ngrams = self.companion.of_rows(draw.ids, rows) if self.companion else (None, None)
        others = (draw.fresh, *(own if own is None else own.take(steps, 0, mode="clip") for own in ngrams))
        return Batch(
            torch.from_numpy(np.where(inside, inputs.take(steps, mode="clip"), START)),
            torch.from_numpy(np.where(inside, targets.take(steps, mode="clip"), IGNORED)),
            *(own if own is None else torch.from_numpy(own) for own in others),
        )

    def target_counts(self) -> np.ndarray:
        """Return how often each word id is a target in an epoch, on average: float64 (V,).

        No row holds its END, which is a target of the database's `end_fraction` of the rows.
        """
        counts = self.sequences.word_counts("train").astype(np.float64)
        counts[END] = self.sequences.count("train") * self.sequences.end_fraction
        return counts

    def train_order(self) -> RowOrder | StreamOrder:
        return self.order("train", self.batches, shuffle=True)

    def valid_loader(self) -> DataLoader[Batch]:
        return self.loader(self.order("valid"))

    def order(
        self, split: str, batches: RandomRows | Stream | None = None, *, shuffle: bool = False
    ) -> RowOrder | StreamOrder:
        """Return the order in which the rows of a split are read, by default in the batches of an evaluation."""
        if batches is None:
            batches = self.batches
            if batches.kind == "stream":
                batches = Stream(kind="stream", rows=EVALUATION_ROWS[split], steps=EVALUATION_STEPS)
        drawing = Drawing(self.seed, self.sequences.end_fraction, shuffle)
        settings = batches.model_dump(exclude={"kind"})
        if batches.kind == "random_rows":
            return RowOrder(partial(self.sequences.lengths, split), drawing, **settings)
        return StreamOrder(self.sequences.runs(split), drawing, **settings)
