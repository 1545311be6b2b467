"""Language models at equal CPU time: `python -m benchmarks.language_models DATABASE --budgets 600 --models "gru 640"`.

DATABASE is a sequences.db, for instance of `python -m benchmarks.excerpt`. If `WORD_LANGUAGE_MODEL` names the folder
of a checkout of pytorch/examples' word_language_model, it is trained, too. Each model is trained with one thread,
ours by the pipeline's own code for as many epochs as a budget of CPU seconds allows, and tested with the state carried
through the split. Evaluation does not count. Choose among models by the validation perplexity. --seeds trains with
several seeds for the first budget. All models of a budget are also mixed, as `mixtures` does, each time one is added;
--ngrams mixes in the scores that `python -m pipeline.baselines` wrote into a folder. --at-test adds dynamic evaluation;
--ablations changes one part of the recipe at a time, and mixes nothing.
"""

import argparse
import itertools
import math
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks import peer_language_model
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from pipeline.batches.rows import SequenceData
from pipeline.run.runtime import Runtime
from pipeline.scores.figures import read_scores, split_figures
from pipeline.scores.mixture import mix, mixture_weights
from pipeline.scores.targets import read_targets
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.store.sequences import HELD_OUT, Sequences
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt
from pipeline.training.svd import start_from_counts
from pipeline.training.train_language_model import (
    COUNTED,
    COUNTED_WORDS,
    data_of,
    make_language_model,
    train_language_model,
)

COMMON: dict[str, Any] = {
    "loss": {"kind": "adaptive", "cutoffs": [1000, 4000]},
    "bfloat16": True,
    "schedule": {"kind": "cosine", "final": 0.02},
    "average": {"kind": "exponential", "decay": 0.999},
    "batches": {"kind": "stream", "rows": 32},
}
DROPOUT = {  # a small text that is read more often needs more dropout
    "light": {"words": 0.0, "embedding": 0.1, "output": 0.1, "weights": 0.0},
    "medium": {"words": 0.05, "embedding": 0.3, "output": 0.4, "weights": 0.1},
    "heavy": {"words": 0.1, "embedding": 0.4, "output": 0.5, "weights": 0.3},
}
OURS: dict[str, dict[str, Any]] = {
    f"{unit} {size}": {"unit": unit, "hidden_sizes": [size], "learning_rate": rate}
    for unit in ("gru", "lstm")
    for size, rate in ((256, 0.004), (400, 0.004), (640, 0.003))
} | {
    f"{unit} 2 x 400{label}": {
        "unit": {"kind": unit, "mogrifier": rounds},
        "hidden_sizes": [400, 400],
        "learning_rate": 0.003,
        "dropout.layers": 0.2,
        "penalties": {"activation": 2.0},
    }
    for unit in ("gru", "lstm")
    for label, rounds in (("", 0), (", mogrifier", 4))
}
PEERS: dict[str, dict[str, Any]] = {
    "2 x 200": {"size": 200, "layers": 2, "dropout": 0.2, "rate": 20.0},
    "2 x 200, rate 10": {"size": 200, "layers": 2, "dropout": 0.2, "rate": 10.0},
    "2 x 200, rate 40": {"size": 200, "layers": 2, "dropout": 0.2, "rate": 40.0},
    "2 x 400": {"size": 400, "layers": 2, "dropout": 0.4, "rate": 20.0},
    "2 x 650": {"size": 650, "layers": 2, "dropout": 0.5, "rate": 20.0},
}
ABLATIONS: dict[str, dict[str, Any]] = {
    "the recipe": {},
    "no dropout of words": {"dropout.words": 0.0},
    "no dropout of embedded values": {"dropout.embedding": 0.0},
    "no dropout of outputs": {"dropout.output": 0.0},
    "no DropConnect": {"dropout.weights": 0.0},
    "no average of weights": {"average": "none"},
    "activation regularisation, 1": {"penalties": {"activation": 1.0}},
    "temporal activation regularisation, 1": {"penalties": {"change": 1.0}},
    "no decay": {"weight_decay": 0.0},
    "no schedule": {"schedule": "constant"},
    "weights not tied": {"tie_weights": False},
    "layers of 400 and 400": {"hidden_sizes": [400, 400]},
    "an LSTM": {"unit": "lstm"},
    "the exact softmax": {"loss": "exact"},
    "products in float32": {"bfloat16": False},
}
TIMED_STEPS = 30


def epoch_seconds(settings: LanguageModelEntry, data: SequenceData) -> float:
    """Return the CPU seconds of an epoch, by the median of some steps."""
    counts = torch.from_numpy(data.target_counts())
    model = make_language_model(settings, len(counts), counts)
    optimizer, loader, times = model.configure_optimizers(), data.loader(data.train_order()), []
    for batch in itertools.islice(loader, TIMED_STEPS):
        start = time.process_time()
        optimizer.zero_grad()
        model.loss(batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        model.average.update(model.parameters(), [])
        times.append(time.process_time() - start)
    return sorted(times)[len(times) // 2] * len(loader)


def start_seconds(job: Job[LanguageModelEntry]) -> float:
    """Return the CPU seconds that vectors from counts take."""
    began, data = time.process_time(), data_of(job)
    counts = torch.from_numpy(data.target_counts())
    start_from_counts(
        job, make_language_model(job.settings, len(counts), counts), data.sequences, COUNTED, COUNTED_WORDS
    )
    return time.process_time() - began


def train(database: Path, recipe: Mapping[str, Any], *, budget: float, epochs: int | None, seed: int) -> Learnt:
    """Train one of our models for `epochs` or, without, as many as the CPU seconds allow."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        runtime, model = Runtime(accelerator="cpu", workers=1), Path(scratch) / "model"
        job = Job("model", settings_of(recipe, 1), seed, database, model, runtime, "train", "models.model")
        epochs = epochs or max(1, math.floor((budget - start_seconds(job)) / epoch_seconds(job.settings, data_of(job))))
        learnt = train_language_model(job._replace(settings=settings_of(recipe, epochs)))
    return learnt._replace(weights={}, gradients={}, figures=learnt.figures | {"epochs": epochs})


def mixed(learnt: Sequence[Learnt], ngrams: Path | None, database: Path) -> dict[str, Any]:
    """Return the figures of a mixture of models, with the epochs and the CPU seconds of all."""
    sequences = Sequences(database)
    targets = {split: read_targets(sequences, split) for split in HELD_OUT}
    scores = [each.scores for each in learnt]
    if ngrams:
        scores.append(read_scores(ngrams, targets, stage="baselines"))
    weights = mixture_weights([each["valid"] for each in scores], targets["valid"])
    figures = {key: sum(each.figures[key] for each in learnt) for key in ("epochs", "cpu_seconds")}
    mixture = {split: mix([each[split] for each in scores], weights) for split in HELD_OUT}
    return figures | split_figures(mixture, targets)


def settings_of(recipe: Mapping[str, Any], epochs: int) -> LanguageModelEntry:
    """Return the settings for so many epochs; a key such as `dropout.words` changes one of the recipe's shares."""
    whole = {key: value for key, value in recipe.items() if "." not in key}
    changes = {key.removeprefix("dropout."): value for key, value in recipe.items() if "." in key}
    length = {"epochs": epochs, "patience": 10_000}  # no early stopping
    return LanguageModelEntry.model_validate(COMMON | whole | {"dropout": whole["dropout"] | changes} | length)


def ours(arguments: argparse.Namespace) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Train our models; yield each one's name, seed and figures."""
    keep_freed_memory()
    multiply_by_onednn()
    extra = {"dropout": DROPOUT[arguments.dropout], "dynamic_evaluation": arguments.at_test}
    names = [name for name in arguments.models if name in OURS]
    for budget in arguments.budgets[: 1 if arguments.ablations or arguments.epochs else None]:
        seeds, learnt = range(1, 1 + (arguments.seeds if budget == arguments.budgets[0] else 1)), []
        for seed, name in itertools.product(seeds, names):
            for label, change in (ABLATIONS if arguments.ablations else {name: {}}).items():
                recipe = OURS[name] | extra | change
                learnt.append(train(arguments.database, recipe, budget=budget, epochs=arguments.epochs, seed=seed))
                yield label, seed, learnt[-1].figures
            if arguments.ablations:
                continue
            if len(learnt) > 1:
                yield f"mixture of our last {len(learnt)}", seed, mixed(learnt, None, arguments.database)
            if arguments.ngrams:
                name = f"mixture of our last {len(learnt)} and n-grams"
                yield name, seed, mixed(learnt, arguments.ngrams, arguments.database)


def peers(arguments: argparse.Namespace) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Train the peer's models; yield each one's name, seed and figures."""
    torch.set_num_threads(1)
    if arguments.fast_peer:
        keep_freed_memory()
        multiply_by_onednn()
    for name in (name for name in arguments.models if name in PEERS):
        for seed in range(1, 1 + arguments.seeds):
            budgets = arguments.budgets if seed == 1 else arguments.budgets[:1]
            for figures in peer_language_model.train(arguments.database, **PEERS[name], seed=seed, budgets=budgets):
                yield f"word_language_model, {name}", seed, figures


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--budgets", type=float, nargs="+", default=[600.0, 1800.0, 3600.0])
    there = ["2 x 200"] if "WORD_LANGUAGE_MODEL" in os.environ else []
    parser.add_argument("--models", nargs="+", choices=[*OURS, *PEERS], default=["gru 640", *there])
    parser.add_argument("--seeds", type=int, default=1, help="of the first budget")
    parser.add_argument("--ngrams", type=Path, help="such as data/baselines/fivegram_kneser_ney")
    parser.add_argument("--dropout", choices=DROPOUT, default="medium", help="of ours")
    parser.add_argument("--epochs", type=int, help="train ours for so many epochs, whatever they take")
    parser.add_argument("--fast-peer", action="store_true", help="let the peer keep memory and multiply as ours do")
    parser.add_argument("--at-test", action="store_true", help="also test ours with dynamic evaluation")
    parser.add_argument("--ablations", action="store_true")
    arguments = parser.parse_args()
    ends = Sequences(arguments.database).end_fraction
    if PEERS.keys() & arguments.models and ends < 1:
        raise SystemExit(f"{arguments.database}: index.end_fraction is {ends}; the peer predicts every END: it needs 1")
    print(
        f"{'model':<40} {'seed':>4} {'epochs':>6} {'CPU s':>6} {'valid':>6} {'test':>6}  interval of test", flush=True
    )
    for runs in peers, ours:  # the peer first: the settings for ours are the process's
        for name, seed, found in runs(arguments):
            line = f"{name:<40} {seed:>4} {found['epochs']:>6} {found['cpu_seconds']:>6.0f}"
            line += "".join(f" {found[f'{split}_perplexity']:>6.1f}" for split in ("valid", "test"))
            for kind in "test", "test_dynamic":
                if f"{kind}_perplexity_low" in found:
                    low, high = (found[f"{kind}_perplexity_{end}"] for end in ("low", "high"))
                    more = "" if kind == "test" else f"; dynamic {found[f'{kind}_perplexity']:.1f},"
                    line += f"{more}  {low:.1f} to {high:.1f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
