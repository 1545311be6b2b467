"""Every unit trained for the same time, and what it reaches: `python -m benchmarks.budget DATABASE [--seconds 100]`.

DATABASE is a sequences.db; the words trained on and the test perplexity are of it. A perplexity is over test
sentences of some 200,000 words in all. With --book the models are those of presets/book.yaml, trained as it says:
by its own schedule, and for no more than its epochs. With --vectors FILE, of 128 values, a GRU starts from random
vectors, from these, and from these frozen.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import torch

from models.language_model import Batch, LanguageModel, perplexity
from models.memory import keep_freed_memory
from models.schedules import Moment
from pipeline.batches.rows import SequenceData
from pipeline.settings import load_params
from pipeline.store.vocabulary import END
from pipeline.training.pretrained import PretrainedVectors
from pipeline.training.settings import Pretrained

UNITS: dict[str, dict[str, Any]] = {
    "elman": {"unit": "elman"},
    "rated": {"unit": "rated"},
    "gru, reset before": {"unit": {"kind": "gru", "reset_after": False}},
    "gru, reset after": {"unit": "gru"},
    "lstm": {"unit": "lstm"},
    "lstm, peepholes": {"unit": {"kind": "lstm", "peepholes": True}},
}
SETTINGS: dict[str, Any] = {
    "embedding_size": 128,
    "hidden_sizes": [128],
    "optimizer": "adam",
    "learning_rate": 0.003,
    "loss": {"kind": "adaptive", "cutoffs": [1000, 4000]},
}
BATCH_TOKENS = 2048
TEST_WORDS = 200_000


def train(
    data: SequenceData,
    counts: torch.Tensor,
    seconds: float,
    clip: float,
    epochs: int | None,
    pretrained: Pretrained | None = None,
    **settings: Any,
) -> tuple[int, float, float]:
    """Train a model for so many seconds; words seen, seconds and test perplexity.

    The learning rate goes as the model's own schedule says, and training ends after `epochs`, if the time allows
    them; without `epochs`, the rate falls linearly to a twentieth at the end of the time.
    """
    torch.manual_seed(1)
    model = LanguageModel(len(counts), counts=counts, **settings)
    if pretrained:
        size = settings["embedding_size"]
        PretrainedVectors("gru", pretrained, size).start(model.embedding, data.sequences.words())
    optimizer = model.configure_optimizers()
    words, start = 0, time.perf_counter()
    for step, (epoch, batch, batches) in enumerate(draws(data, epochs)):
        passed = (time.perf_counter() - start) / seconds
        if passed >= 1:
            break
        now = Moment(step, batches * (epochs or 1), epoch, [])
        for group in optimizer.param_groups:
            group["lr"] = model.learning_rate * (model.schedule(now) if epochs else max(0.05, 1 - passed))
        optimizer.zero_grad()
        model.loss(batch).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        words += int((batch.targets >= 0).sum())
    return words, time.perf_counter() - start, evaluate(model, data)


def draws(data: SequenceData, epochs: int | None) -> Iterator[tuple[int, Batch, int]]:
    """Training batches, each with the number of its epoch before it and the batches of an epoch behind."""
    for epoch in range(epochs) if epochs else count():
        loader = data.loader("train", shuffle=True, first=(epoch, 0))
        for batch in loader:
            yield epoch, batch, len(loader)


@torch.no_grad()
def evaluate(model: LanguageModel, data: SequenceData) -> float:
    """The perplexity on some test sentences, the same for all models."""
    model.eval()
    loss = words = 0.0
    for batch in data.loader("test", shuffle=True):
        score = model.output.score(model.contexts(batch), batch.targets)
        loss += score.loss.item()
        words += int(score.words)
        if words >= TEST_WORDS:
            break
    return perplexity(loss / words)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument(
        "--book", action="store_true", help="the book's two models alone, as presets/book.yaml has them"
    )
    parser.add_argument("--vectors", help="a file in word2vec's format: a GRU with and without them alone")
    arguments = parser.parse_args()
    keep_freed_memory()
    data = SequenceData(arguments.database, batch_tokens=BATCH_TOKENS, end_fraction=0.01, seed=1)
    data.setup("fit")
    models = {name: {**SETTINGS, **unit, "clip": 1.0, "epochs": None} for name, unit in UNITS.items()}
    if arguments.vectors:
        starts = {"gru": None} | {
            f"gru, vectors {kind}": Pretrained(file=arguments.vectors, freeze=kind == "frozen")
            for kind in ("trained on", "frozen")
        }
        models = {name: {**models["gru, reset after"], "pretrained": start} for name, start in starts.items()}
    if arguments.book:
        preset = load_params(Path("presets/book.yaml"))
        data.batch_tokens, data.end_fraction = preset.train.batch_tokens, preset.train.end_fraction
        models = {
            f"book's {name}": {
                **model.model_dump(exclude={"kind", "gradient_clip", "pretrained"}),
                "clip": model.gradient_clip,
                "epochs": preset.train.epochs,
            }
            for name, model in preset.language_models.items()
            if model.kind == "recurrent"
        }
    counts = torch.from_numpy(data.target_counts())
    print(f"V = {len(counts):,}, {int(counts[END + 1 :].sum()):,} words to train on, {arguments.seconds:.0f} s each")
    print(f"{'unit':<20} {'words seen':>12} {'a second':>9} {'test perplexity':>16}")
    for name, settings in models.items():
        words, seconds, reached = train(data, counts, arguments.seconds, **settings)
        print(f"{name:<20} {words:>12,} {words / seconds:>9,.0f} {reached:>16.1f}", flush=True)


if __name__ == "__main__":
    main()
