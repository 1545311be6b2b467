"""Train every unit for the same time and compare perplexities: `python -m benchmarks.budget DATABASE [--seconds 100]`.

DATABASE is a sequences.db with a vocabulary above 4,000. Time is CPU time; OMP_NUM_THREADS=1 keeps it on one thread.
Perplexity is measured on about 200,000 words of its test sentences. With --book the models of presets/book.yaml are
trained; each has its own learning rate schedule and at most its own number of epochs. With --vectors FILE, of 128
values, a GRU starts from random vectors, from these, and from these frozen.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import torch

from benchmarks.units import UNITS
from models.batch import Batch
from models.recurrent.devices import keep_freed_memory
from models.schedules import Moment
from models.trainable import TrainableLanguageModel, perplexity
from pipeline.batches.rows import SequenceData
from pipeline.settings import read_yaml
from pipeline.settings.model_sections import FromFile, LanguageModelEntry
from pipeline.store.vocabulary import END
from pipeline.training.pretrained import start_from_file
from pipeline.training.train_language_model import make_language_model
from wikilm.presets import PRESETS

TEST_WORDS = 200_000


def settings_of(unit: Any, start: FromFile | str = "random") -> LanguageModelEntry:
    """Return the settings of a model with this unit."""
    return LanguageModelEntry.model_validate(
        {
            "unit": unit,
            "embedding_size": 128,
            "hidden_sizes": [128],
            "learning_rate": 0.003,
            "loss": {"kind": "adaptive", "cutoffs": [1000, 4000]},
            "batches": {"kind": "sentences", "tokens": 2048},
            "start": start,
        }
    )


def models_of(arguments: argparse.Namespace) -> dict[str, LanguageModelEntry]:
    """Return the settings of the models to compare, by name."""
    if arguments.book:
        models = read_yaml(PRESETS / "book.yaml")["models"]
        return {f"book's {name}": LanguageModelEntry.model_validate(model) for name, model in models.items() if model}
    if file := arguments.vectors:
        return {
            "gru": settings_of("gru"),
            "gru, vectors trained on": settings_of("gru", FromFile(kind="file", file=file)),
            "gru, vectors frozen": settings_of("gru", FromFile(kind="file", file=file, freeze=True)),
        }
    return {name: settings_of({"kind": kind, **settings}) for name, kind, settings, _ in UNITS}


def train(
    data: SequenceData, counts: torch.Tensor, settings: LanguageModelEntry, seconds: float, epochs: int | None
) -> tuple[int, float, float]:
    """Train a model for at most `seconds` of CPU time; return the words seen, the seconds and the test perplexity.

    With `epochs`, the learning rate follows the model's schedule and training may end earlier. Without, the rate falls
    linearly to a twentieth at the end of the time.
    """
    torch.manual_seed(1)
    model = make_language_model(settings, len(counts), counts)
    if settings.start.kind == "file":
        start_from_file("models.gru", settings.start, model.embedding, data.sequences.vocabulary)
    optimizer = model.configure_optimizers()
    words, start = 0, time.process_time()
    for step, (epoch, batch, batches) in enumerate(draws(data, epochs)):
        passed = (time.process_time() - start) / seconds
        if passed >= 1:
            break
        now = Moment(step, batches * (epochs or 1), epoch, [])
        for group in optimizer.param_groups:
            group["lr"] = model.learning_rate * (model.schedule(now) if epochs else max(0.05, 1 - passed))
        optimizer.zero_grad()
        model.loss(batch).backward()
        if settings.gradient_clip:
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.gradient_clip)
        optimizer.step()
        words += int((batch.targets >= 0).sum())
    return words, time.process_time() - start, evaluate(model, data)


def draws(data: SequenceData, epochs: int | None) -> Iterator[tuple[int, Batch, int]]:
    """Yield the number of an epoch, a training batch, and the number of batches in the epoch."""
    for epoch in range(epochs) if epochs else count():
        order = data.train_order()
        order.set_epoch(epoch)
        for batch in data.loader(order):
            yield epoch, batch, len(order)


@torch.no_grad()
def evaluate(model: TrainableLanguageModel, data: SequenceData) -> float:
    """Return the perplexity on some test sentences, the same for all models."""
    model.eval()
    loss = words = 0.0
    for batch in data.loader(data.order("test", shuffle=True)):
        score = model.output.score(model.contexts(batch), batch.targets)
        loss += score.loss.sum().item()
        words += len(score.loss)
        if words >= TEST_WORDS:
            break
    return perplexity(loss / words)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--book", action="store_true", help="only the models of presets/book.yaml")
    parser.add_argument("--vectors", help="a file in word2vec's format; only a GRU, with and without its vectors")
    arguments = parser.parse_args()
    keep_freed_memory()
    data = SequenceData(arguments.database, seed=1)
    counts = torch.from_numpy(data.target_counts())
    print(
        f"V = {len(counts):,}, {int(counts[END + 1 :].sum()):,} words to train on, {arguments.seconds:.0f} CPU s each"
    )
    print(f"{'unit':<20} {'words seen':>12} {'a second':>9} {'test perplexity':>16}")
    for name, settings in models_of(arguments).items():
        data.batches = settings.batches
        epochs = settings.epochs if arguments.book else None
        words, seconds, reached = train(data, counts, settings, arguments.seconds, epochs)
        print(f"{name:<20} {words:>12,} {words / seconds:>9,.0f} {reached:>16.1f}", flush=True)


if __name__ == "__main__":
    main()
