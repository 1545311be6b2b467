"""The training rows as running text for word vectors, with frequent words thinned.

Articles in random order make one text, which is entered at as many places as a batch has rows. Each row reads on from
its place, batch after batch, so a state can be carried along.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from models.batch import Batch
from pipeline.batches.order import Epochs, shuffled
from pipeline.batches.rows import RowData
from pipeline.batches.subsampling import keep_chances, thinned
from pipeline.run.errors import UserError
from pipeline.store.runs import row_ids

RUNS_READ = 8  # of the database's rows, read for a row of the batch


class RunningTextData(RowData, Epochs[Batch]):
    """The training rows of a sequences.db as running text, read in `rows` rows, so many `steps` at a time.

    An epoch has as many batches as the text gives on average, so that their number does not depend on what is drawn.
    A batch that is not its first is found by reading from the start. Raises `UserError`, which names the `key` of the
    model, where the text gives no batch.
    """

    def __init__(
        self, key: str, database: Path, *, rows: int, subsample: float | None, seed: int, steps: int = 35
    ) -> None:
        super().__init__(database)
        self.steps, self.seed = steps, seed
        self.runs, self.places = self.sequences.runs("train"), np.arange(rows) / rows
        counts = self.sequences.word_counts("train")
        chances = keep_chances(counts, subsample)
        self.chances = chances.astype(np.float32)
        self.expected = counts * chances  # occurrences (V,) of each word in an epoch
        self.words = int(counts[chances > 0].sum())  # before frequent ones are thinned
        self.batch_count = int(self.expected.sum()) // (rows * steps)
        if not self.batch_count:
            raise UserError(
                f"params.yaml: {key}.rows is {rows}: a batch of {rows} rows of {steps} words takes more than the "
                f"{int(self.expected.sum()):,} words that the training rows have once they are thinned; use fewer "
                "rows, or more text"
            )

    def __len__(self) -> int:
        return self.batch_count

    def __getitem__(self, batch: Batch) -> Batch:
        """Return a batch, which its order gives whole."""
        return batch

    def train_order(self) -> Epochs[Batch]:
        return self

    def batches(self, first: int) -> Iterator[Batch]:
        """Yield word ids (rows, steps) int64, as inputs and as targets; every row is fresh at an epoch's start.

        Articles come in random order; each row reads from its place in them.
        """
        line = shuffled(self.runs, np.random.default_rng((self.seed, self.epoch)))
        ends = np.cumsum(self.runs["words"][line], dtype=np.int64)
        starts = np.searchsorted(ends, self.places * ends[-1], side="right")
        readers = [
            self._words(line, start, np.random.default_rng((self.seed, self.epoch, row)))
            for row, start in enumerate(starts.tolist())
        ]
        for number, parts in enumerate(islice(zip(*readers, strict=True), self.batch_count)):
            if number >= first:
                words = torch.from_numpy(np.stack(parts))
                yield Batch(words, words, torch.full((len(words),), number == 0))

    def _words(self, line: np.ndarray, start: int, random: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield the words of the runs `line` from the `start`-th on, and from the first again, `steps` at a time."""
        kept = np.zeros(0, np.int64)
        while True:
            while len(kept) < self.steps:
                some = self.runs[line.take(range(start, start + RUNS_READ), mode="wrap")]
                words = np.concatenate(self.sequences.rows(row_ids(some).tolist()))
                kept = np.concatenate([kept, words[thinned(words, self.chances, random)]])
                start = (start + RUNS_READ) % len(line)
            yield kept[: self.steps]
            kept = kept[self.steps :]
