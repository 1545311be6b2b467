"""Language models at equal CPU time: `python -m benchmarks.language_models DATABASE [--budgets 600] [--recipes small]`.

DATABASE is a sequences.db, for instance of `python -m benchmarks.excerpt`. Each recipe is trained by the pipeline's own
code with one thread, for as many epochs as a budget of CPU seconds allows, and tested with the state carried through
the split. Evaluation does not count, as it does not for the peer (`python -m benchmarks.peer_language_model`). Choose
among recipes by the validation perplexity. --seeds trains with several seeds; --ablations changes one part of the
recipe at a time. `python -m pipeline.baselines` measures n-grams on the same targets.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pytorch_lightning as L
import torch

from models.memory import keep_freed_memory
from models.recurrent.devices import multiply_by_onednn
from pipeline.batches.rows import SequenceData
from pipeline.run.runtime import Runtime
from pipeline.training.job import Job
from pipeline.training.language_model import data_of, learn
from pipeline.training.learnt import make_language_model
from pipeline.training.settings import LanguageModel

COMMON: dict[str, Any] = {
    "unit": "gru",
    "tie_weights": True,
    "bfloat16": True,
    "schedule": {"kind": "cosine", "final": 0.02},
    "average": {"kind": "exponential", "decay": 0.999},
    "weight_decay": 0.02,
    "batches": {"kind": "stream", "rows": 32},
}
# By the number of passes over the text that the budget allows: the more, the more is dropped.
LIGHT, MEDIUM, HEAVY = (
    {"words": 0.0, "embedding": 0.1, "output": 0.1, "weights": 0.0},
    {"words": 0.05, "embedding": 0.3, "output": 0.4, "weights": 0.1},
    {"words": 0.1, "embedding": 0.4, "output": 0.5, "weights": 0.3},
)
SMALL, LARGE = ({**COMMON, "hidden_sizes": [size], "learning_rate": 0.004} for size in (256, 400))
RECIPES: dict[str, dict[str, Any]] = {
    "small, light": {**SMALL, "dropout": LIGHT},
    "small": {**SMALL, "dropout": MEDIUM},
    "large, light": {**LARGE, "dropout": LIGHT},
    "large": {**LARGE, "dropout": MEDIUM},
    "large, heavy": {**LARGE, "dropout": HEAVY},
}
ABLATIONS: dict[str, dict[str, Any]] = {
    "the recipe": {},
    "no dropout of words": {"dropout": {**MEDIUM, "words": 0.0}},
    "no dropout of embedded values": {"dropout": {**MEDIUM, "embedding": 0.0}},
    "no dropout of outputs": {"dropout": {**MEDIUM, "output": 0.0}},
    "no DropConnect": {"dropout": {**MEDIUM, "weights": 0.0}},
    "no dropout": {"dropout": dict.fromkeys(MEDIUM, 0.0)},
    "no average of weights": {"average": "none"},
    "NT-ASGD's average": {"average": {"kind": "triggered", "patience": 2}},
    "activation regularisation, 1": {"penalties": {"activation": 1.0}},
    "temporal activation regularisation, 1": {"penalties": {"change": 1.0}},
    "BPTT of varying length": {"batches": {"kind": "stream", "rows": 32, "varying": True}},
    "no decay": {"weight_decay": 0.0},
    "no schedule": {"schedule": "constant"},
    "weights not tied": {"tie_weights": False},
    "layers of 400 and 256": {"hidden_sizes": [400, 256]},
    "an LSTM": {"unit": "lstm"},
    "products in float32": {"bfloat16": False},
}
TIMED_STEPS = 30


def epoch_seconds(settings: LanguageModel, data: SequenceData) -> float:
    """Return the CPU seconds of an epoch, by the median of some steps."""
    counts = torch.from_numpy(data.target_counts())
    model = make_language_model(settings, len(counts), counts)
    optimizer, loader, times = model.configure_optimizers(), data.train_dataloader(), []
    for batch in islice(loader, TIMED_STEPS):
        start = time.process_time()
        optimizer.zero_grad()
        model.loss(batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        model.average.update(model.parameters(), [])
        times.append(time.process_time() - start)
    return sorted(times)[len(times) // 2] * len(loader)


def train(database: Path, recipe: Mapping[str, Any], *, budget: float, epochs: int | None, seed: int) -> dict[str, Any]:
    """Train a recipe and return its figures; without `epochs`, for as many as the budget of CPU seconds allows."""
    settings = LanguageModel.model_validate(recipe)
    with tempfile.TemporaryDirectory() as scratch:
        runtime = Runtime(accelerator="cpu", devices=1, workers=1)
        job = Job("benchmark", settings, seed, database, Path(scratch) / "model", runtime, "train", "models.benchmark")
        epochs = epochs or max(1, math.floor(budget / epoch_seconds(settings, data_of(job))))
        settings = settings.model_copy(update={"epochs": epochs, "patience": epochs})
        L.seed_everything(seed, verbose=False)
        job = job._replace(settings=settings)
        learnt, _ = learn(job, data_of(job), quiet=True)
    return learnt.figures | {"epochs": epochs}


def runs(arguments: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any], float, int]]:
    """Yield what to train: its name, its recipe, the CPU seconds and the seed."""
    if arguments.ablations:
        recipe = RECIPES[arguments.recipes[0]]
        yield from ((name, recipe | change, arguments.budgets[0], 1) for name, change in ABLATIONS.items())
        return
    for budget in arguments.budgets:
        for name in arguments.recipes:
            yield from ((name, RECIPES[name], budget, seed) for seed in range(1, arguments.seeds + 1))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--budgets", type=float, nargs="+", default=[600.0])
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=["small"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="train for so many epochs, whatever they take")
    parser.add_argument("--ablations", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    multiply_by_onednn()
    print(
        f"{'model':<40} {'seed':>4} {'epochs':>6} {'CPU s':>6} {'valid':>6} {'test':>6}  interval of test", flush=True
    )
    for name, recipe, budget, seed in runs(arguments):
        found = train(arguments.database, recipe, budget=budget, epochs=arguments.epochs, seed=seed)
        print(
            f"{name:<40} {seed:>4} {found['epochs']:>6} {found['cpu_seconds']:>6.0f} {found['valid_perplexity']:>6.1f} "
            f"{found['test_perplexity']:>6.1f}  {found['test_perplexity_low']:.1f} to "
            f"{found['test_perplexity_high']:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
