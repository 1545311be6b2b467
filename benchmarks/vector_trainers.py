"""The trainings of `benchmarks.vectors`; each ends after so many CPU seconds, and its learning rate falls with them."""

import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count, cycle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from models.batch import Batch
from models.rows import clip_gradients
from models.schedules import FINAL
from pipeline.batches.running_text import RunningTextData
from pipeline.run.runtime import Runtime
from pipeline.store.sequences import Sequences
from pipeline.training.embedding import LARGEST_GRADIENT, make_model, recurrent_vectors
from pipeline.training.job import Job
from pipeline.training.svd import Counting, count_vectors, start_from_counts
from pipeline.training.word2vec import gensim_names, gensim_vectors, make_gensim_model, rows_of, write_rows

# Input and output vectors, (V, D) each; CPU seconds, epochs, words read.
Trained = tuple[tuple[np.ndarray, np.ndarray], dict[str, float]]
PARTS = 20  # of the text that gensim reads; the CPU time is checked after each
LOWEST = 1e-4  # learning rate, as gensim's own


class Run(NamedTuple):
    """The training of a model with these settings for so many CPU seconds."""

    name: str
    settings: Any
    seconds: float
    seed: int
    database: Path

    def job(self) -> Job[Any]:
        """Return the training as the pipeline describes it."""
        return Job(
            self.name, self.settings, self.seed, self.database, Path("model"), Runtime(), "train", "models.model"
        )


def train_recurrent(run: Run) -> Trained:
    """Train for so many CPU seconds, the start included."""
    torch.manual_seed(run.seed)
    start, settings = time.process_time(), run.settings
    data = RunningTextData("embedding", run.database, rows=settings.rows, subsample=settings.subsample, seed=run.seed)
    model = make_model(settings, data)
    start_from_counts(run.job(), model, data.sequences, settings.subsample)
    optimizer = model.configure_optimizers()
    words = 0
    for batch in _batches(data):
        passed = (time.process_time() - start) / run.seconds
        if passed >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * (1 - (1 - FINAL) * passed)
        optimizer.zero_grad()
        model.loss(batch).backward()
        clip_gradients(model.parameters(), LARGEST_GRADIENT)
        optimizer.step()
        words += batch.targets.numel()
    epochs = float(words / data.expected.sum())
    spent = time.process_time() - start
    return recurrent_vectors(model), {"cpu_seconds": spent, "epochs": epochs, "words": epochs * data.words}


def _batches(data: RunningTextData) -> Iterator[Batch]:
    for epoch in count():
        order = data.train_order()
        order.set_epoch(epoch)
        yield from data.loader(order)


def train_counts(run: Run) -> Trained:
    """Train vectors from counts, without a limit of time."""
    inputs, outputs, figures = count_vectors(
        run.job(), Counting(**run.settings.model_dump(exclude={"kind"})), Sequences(run.database)
    )
    return (inputs, outputs), {"cpu_seconds": figures["cpu_seconds"], "epochs": 1, "words": figures["words_read"]}


def train_gensim(run: Run) -> Trained:
    """Train for so many CPU seconds, to within half a part of the text; the learning rate decreases with the time."""
    start, settings = time.process_time(), run.settings
    sequences = Sequences(run.database)
    vocabulary, counts = sequences.vocabulary, sequences.word_counts("train")
    counts[vocabulary.unknown] = 0
    words, names = int(counts.sum()), gensim_names(settings, vocabulary)
    with tempfile.TemporaryDirectory() as scratch:
        write_rows(text := Path(scratch) / "text", rows_of(sequences), names, counts)
        dealt = deal_lines(text)
        model = make_gensim_model(settings, names, counts, run.seed)
        # gensim would compute fastText's vectors from their parts after each call; `vectors` does it once.
        model._clear_post_train = lambda: None
        spent, rate, left = time.process_time() - start, settings.learning_rate, math.inf
        for read, path in enumerate(cycle(dealt), 1):
            end, share_read = rate - (rate - LOWEST) / left, words // len(dealt)
            model.train(corpus_file=str(path), total_words=share_read, epochs=1, start_alpha=rate, end_alpha=end)
            now = time.process_time() - start
            left = round((run.seconds - now) / (now - spent))
            spent, rate, epochs = now, end, read / len(dealt)
            if left <= 0:
                break
    return gensim_vectors(model, names), {"cpu_seconds": spent, "epochs": epochs, "words": epochs * words}


def deal_lines(text: Path) -> list[Path]:
    """Deal the lines of a file to the parts in turn; an empty part is left out."""
    paths = [text.with_name(f"part{number}") for number in range(PARTS)]
    with ExitStack() as files:
        dealt = [files.enter_context(path.open("wb")) for path in paths]
        for part, line in zip(cycle(dealt), files.enter_context(text.open("rb")), strict=False):
            part.write(line)
    return [path for path in paths if path.stat().st_size]


TRAINERS: dict[str, Callable[[Run], Trained]] = {
    "embedding": train_recurrent,
    "svd": train_counts,
    "word2vec": train_gensim,
    "fasttext": train_gensim,
}
