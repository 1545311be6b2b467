"""Drawing training batches at random from sequences.db, by row id, never holding the data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytorch_lightning as L
import torch
from torch.utils.data import DataLoader, Dataset

from models.language_model import IGNORED, Batch
from pipeline.batches.order import ALL, Draw, Epochs, Order, Share
from pipeline.batches.streams import StreamOrder
from pipeline.run.console import UserError
from pipeline.store.sequences import SPLITS, Sequences
from pipeline.store.vocabulary import END, START


class BatchOrder(Order):
    """The batches of an epoch: rows of similar length together, in random order.

    Rows are shuffled, then sorted by length, so that every epoch mixes other rows of a length; the
    number and the shapes of the batches stay the same. A batch holds at most `batch_tokens` tokens,
    padding and START included (a longer row is a batch of its own), over all processes.
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
        share: Share = ALL,
    ) -> None:
        super().__init__(ids, lengths, end_fraction=end_fraction, seed=seed, shuffle=shuffle, share=share)
        self.bounds = batch_bounds(np.sort(lengths), batch_tokens)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def draws(self, random: np.random.Generator, ends: np.ndarray, first: int) -> Iterator[Draw]:
        order = random.permutation(len(self.ids))
        order = order[np.argsort(self.lengths[order], kind="stable")]
        batches = random.permutation(len(self)) if self.shuffle else np.arange(len(self))
        for batch in batches[first:]:
            rows = order[self.bounds[batch] : self.bounds[batch + 1]][self.share.rows]
            bounds = np.cumsum([0, *(self.lengths[rows] + 1)])
            yield Draw(self.ids[rows].tolist(), ends[rows], np.stack([bounds[:-1], bounds[1:]], axis=1))


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
        """Inputs START, w1 ... wn and targets w1 ... wn, END, each (rows, longest) int64; see `Batch` and `Draw`."""
        rows = self.sequences.rows(draw.ids)
        lengths = np.array([len(row) for row in rows], np.int64)
        stops = np.cumsum(lengths + 1)  # in all the rows, laid end to end
        targets = np.full(lengths.sum() + len(rows) + 1, IGNORED, np.int64)
        words = np.ones(len(targets), bool)
        words[stops - 1] = words[-1] = False
        targets[words] = np.concatenate([targets[:0], *rows])
        inputs = np.roll(targets, 1)  # a word is read one step after it was the target
        inputs[stops - lengths - 1] = START
        targets[stops[draw.ends] - 1] = END
        spans = draw.spans if len(draw.spans) else np.zeros((1, 2), np.int64)  # all padding
        steps = spans[:, :1] + np.arange(max(1, np.diff(spans).max()))
        inside = steps < spans[:, 1:]
        return Batch(
            torch.from_numpy(np.where(inside, inputs.take(steps, mode="clip"), START)),
            torch.from_numpy(np.where(inside, targets.take(steps, mode="clip"), IGNORED)),
            None if draw.fresh is None else torch.from_numpy(draw.fresh),
        )


class Streams(NamedTuple):
    """How articles are read: how many side by side, how many steps at a time."""

    rows: int
    steps: int


class RowData(L.LightningDataModule):
    """Batches read from a sequences.db; knows where training stands and what this process's share is."""

    def __init__(self, database: Path, workers: int) -> None:
        super().__init__()
        self.sequences = Sequences(database)
        self.workers = workers
        self.first = (0, 0)  # the epoch and the batch that training starts with

    def state_dict(self) -> dict[str, Any]:
        """Where in the training data a checkpoint stands."""
        assert self.trainer
        return {"epoch": self.trainer.current_epoch, "batch": self.trainer.fit_loop.batch_idx + 1}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.first = state["epoch"], state["batch"]

    @property
    def share(self) -> Share:
        """This process's rows: all, where no trainer says that there are others."""
        return Share(self.trainer.global_rank, self.trainer.world_size) if self.trainer else ALL

    def read(self, dataset: Dataset[Batch], order: Epochs[Any]) -> DataLoader[Batch]:
        """The batches of `dataset` in this `order`, each of which it draws whole."""
        return DataLoader(
            dataset, sampler=order, batch_size=None, num_workers=self.workers, persistent_workers=self.workers > 0
        )


class SequenceData(RowData):
    """Training, validation and test batches of a sequences.db.

    Draws sentences, or with `streams` articles. Models are validated and tested on sentences in both cases,
    so that their perplexities compare; one that is trained on streams is tested on streams as well.
    """

    def __init__(
        self,
        database: Path,
        *,
        batch_tokens: int,
        seed: int,
        streams: Streams | None = None,
        workers: int = 0,
    ) -> None:
        super().__init__(database, workers)
        self.batch_tokens = batch_tokens
        self.seed = seed
        self.streams = streams

    def setup(self, stage: str) -> None:
        """Lightning calls this first: a split without rows must not be found out after the training."""
        for split in SPLITS:
            if not self.sequences.count(split):
                raise UserError(
                    f"{self.sequences.path}: has no {split} rows: too few articles for index.valid_fraction "
                    "and index.test_fraction; use a larger dump or other fractions"
                )

    def target_counts(self) -> np.ndarray:
        """How often each word id is a target in an epoch, on average: float64 of the size of the vocabulary.

        No row holds its END, which is a target of the database's `end_fraction` of the rows.
        """
        counts = self.sequences.word_counts("train").astype(np.float64)
        counts[END] = self.sequences.count("train") * self.sequences.end_fraction
        return counts

    def train_dataloader(self) -> DataLoader[Batch]:
        return self.loader("train", streams=self.streams, shuffle=True, share=self.share, first=self.first)

    def val_dataloader(self) -> DataLoader[Batch]:
        return self.loader("valid", share=self.share)

    def test_dataloader(self) -> list[DataLoader[Batch]]:
        loaders = [self.loader("test", share=self.share)]
        if self.streams:
            loaders.append(self.loader("test", streams=self.streams, share=self.share))
        return loaders

    def loader(
        self,
        split: str,
        *,
        streams: Streams | None = None,
        shuffle: bool = False,
        share: Share = ALL,
        first: tuple[int, int] = (0, 0),
    ) -> DataLoader[Batch]:
        """The batches of a split, of sentences or of `streams`, from this epoch and this batch of it on."""
        ids, lengths = self.sequences.ids_and_lengths(split)
        order = (
            StreamOrder(
                ids,
                lengths,
                self.sequences.article_ids(split),
                rows=streams.rows,
                steps=streams.steps,
                end_fraction=self.sequences.end_fraction,
                seed=self.seed,
                shuffle=shuffle,
                share=share,
            )
            if streams
            else BatchOrder(
                ids,
                lengths,
                batch_tokens=self.batch_tokens,
                end_fraction=self.sequences.end_fraction,
                seed=self.seed,
                shuffle=shuffle,
                share=share,
            )
        )
        order.start_at(*first)
        return self.read(RowBatches(self.sequences), order)
