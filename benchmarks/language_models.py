"""Language models at equal CPU time: `python -m benchmarks.language_models DATABASE --models lstm --budgets 1700`.

DATABASE is a sequences.db whose every END is a target. Where there is none, `--tokens FOLDER --words 1250000` makes it:
of so many words of articles that are drawn at random from what the stage `tokens` wrote, a tenth each for validation
and test, with the 10,000 most frequent words of the training articles.

`lstm` and `mogrifier` are the models of presets/treebank.yaml, `gru` is the first with another unit; `gru 400`, `lstm
400` and `lstm 256` have one layer. If `WORD_LANGUAGE_MODEL` names the folder of a checkout of pytorch/examples'
word_language_model, `2 x 200` and `2 x 400` are its models. Each model is trained with one thread, ours by the
pipeline's own code for `--epochs` or for as many as a budget of CPU seconds allows, and tested with the state carried
through the split. Evaluation does not count. Choose among models by the validation perplexity. `--seeds` trains with
several seeds for the first budget. All models of a budget are also mixed, as the stage `compare` does; `--ngrams` mixes
in the scores that `python -m pipeline.baselines DATABASE NGRAMS` wrote. `--at-test` adds dynamic evaluation.
"""

import argparse
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch

from benchmarks import word_language_model
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from pipeline.run.runtime import Runtime
from pipeline.scores.figures import read_scores, split_figures
from pipeline.scores.mixture import mix, mixture_weights
from pipeline.scores.targets import read_targets
from pipeline.settings import read_yaml
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.store.building import Article, build, split_of
from pipeline.store.sequences import HELD_OUT, Sequences
from pipeline.store.vocabulary import Vocabulary
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
from pipeline.words.layout import shards, words_path
from wikilm.presets import PRESETS

PRESET = read_yaml(PRESETS / "treebank.yaml")["models"]
RECIPE: dict[str, Any] = PRESET["lstm"]
ONE_LAYER = {"activation_penalty": 0.0, "learning_rate": 0.004, "dropout": RECIPE["dropout"] | {"layers": 0}}
LIGHT = {"embedding": 0.1, "output": 0.1}  # dropout of a text that is read once or twice
OURS: dict[str, dict[str, Any]] = {
    "lstm": RECIPE,
    "gru": RECIPE | {"unit": "gru"},
    "mogrifier": PRESET["mogrifier"],
    "lstm 400": RECIPE | ONE_LAYER | {"hidden_sizes": [400]},
    "gru 400": RECIPE | ONE_LAYER | {"hidden_sizes": [400], "unit": "gru"},
    "lstm 256": RECIPE | ONE_LAYER | {"hidden_sizes": [256], "dropout": LIGHT},
}
PEERS = {"2 x 200": (200, 0.2), "2 x 400": (400, 0.4)}  # the size of both layers, and dropout
TIMED_STEPS = 30
WORDS, HELD_OUT_SHARE = 10_000, 0.1

Lines = list[list[str]]
Rows = Iterator[tuple[str, int, Mapping[str, Any]]]  # each model's name, seed and figures


def make_database(tokens: Path, words: int, path: Path) -> None:
    """Write a database of articles that have so many words."""
    articles = list(drawn_articles(tokens, words))
    splits = {id: split_of(id, HELD_OUT_SHARE, HELD_OUT_SHARE) for id, _, _ in articles}
    train = [line for id, _, lines in articles if splits[id] == "train" for line in lines]
    counts = Counter(word for line in train for word in line)
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: WORDS - 3]
    rare = counts.total() - sum(count for _, count in frequent)
    vocabulary = Vocabulary.of(frequent, rows=len(train), unknown=rare)

    def indexed() -> Iterator[Article]:
        for id, title, lines in articles:
            ids = vocabulary.remap(word for line in lines for word in line)
            yield Article(id, title, splits[id], ids, np.cumsum([0, *map(len, lines)]))

    build(path, indexed(), vocabulary, end_fraction=1.0)


def drawn_articles(tokens: Path, words: int) -> Iterator[tuple[int, str, Lines]]:
    """Yield (page id, title, sentences) of articles drawn at random until they have so many words."""
    sizes = []
    for shard in shards(tokens):
        lengths = [sum(map(len, rows)) for rows in pq.read_table(shard)["sequences"].to_pylist()]
        sizes += [(shard, row, length) for row, length in enumerate(lengths)]
    order = np.random.default_rng(0).permutation(len(sizes))
    total = np.cumsum([sizes[number][2] for number in order])
    drawn = {sizes[number][:2] for number in order[: np.searchsorted(total, words) + 1]}
    for shard in shards(tokens):
        known, table = pq.read_table(words_path(shard))["word"].to_pylist(), pq.read_table(shard)
        for row, (id, title, sequences) in enumerate(zip(*(column.to_pylist() for column in table), strict=True)):
            if (shard, row) in drawn:
                yield id, title, [[known[word] for word in line] for line in sequences]


def epochs_within(budget: float, job: Job[LanguageModelEntry]) -> int:
    """Return how many epochs so many CPU seconds allow, after the start from counts, by the median of some steps."""
    began, data, times = time.process_time(), data_of(job), []
    counts = torch.from_numpy(data.target_counts())
    model = make_language_model(job.settings, len(counts), counts)
    start_from_counts(job, model, data.sequences, COUNTED, COUNTED_WORDS)
    left = budget - (time.process_time() - began)
    optimizer, loader = model.configure_optimizers(), data.loader(data.train_order())
    for batch in itertools.islice(loader, TIMED_STEPS):
        start = time.process_time()
        optimizer.zero_grad()
        model.loss(batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        model.average.update(model.parameters())
        times.append(time.process_time() - start)
    return max(1, int(left / (np.median(times) * len(loader))))


def train(recipe: Mapping[str, Any], budget: float, seed: int, arguments: argparse.Namespace) -> Learnt:
    """Train one of our models; its figures include the number of epochs."""

    def settings(epochs: int) -> LanguageModelEntry:
        more = {"epochs": epochs, "patience": 10_000, "dynamic_evaluation": arguments.at_test}
        return LanguageModelEntry.model_validate({**recipe, **more})

    runtime = Runtime(accelerator="cpu", workers=1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        job = Job("model", settings(1), seed, arguments.database, folder, runtime, "train", "models.model")
        epochs = arguments.epochs or epochs_within(budget, job)
        learnt = train_language_model(job._replace(settings=settings(epochs)))
    return learnt._replace(weights={}, gradients={}, figures=learnt.figures | {"epochs": epochs})


def mixed(learnt: Sequence[Learnt], arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of a mixture of models, with the epochs and the CPU seconds of all."""
    targets = {split: read_targets(Sequences(arguments.database), split) for split in HELD_OUT}
    scores = [each.scores for each in learnt]
    if arguments.ngrams:
        scores.append(read_scores(arguments.ngrams, targets, stage="baselines"))
    weights = mixture_weights([each["valid"] for each in scores], targets["valid"])
    figures = {key: sum(each.figures[key] for each in learnt) for key in ("epochs", "cpu_seconds")}
    return figures | split_figures({s: mix([each[s] for each in scores], weights) for s in HELD_OUT}, targets)


def ours(arguments: argparse.Namespace) -> Rows:
    """Train our models and mix those of a budget."""
    for budget in arguments.budgets:
        seeds, learnt = range(1, 1 + (arguments.seeds if budget == arguments.budgets[0] else 1)), []
        for seed, name in itertools.product(seeds, [name for name in arguments.models if name in OURS]):
            learnt.append(train(OURS[name], budget, seed, arguments))
            yield name, seed, learnt[-1].figures
            if len(learnt) > 1 or arguments.ngrams:
                name = f"mixture of {len(learnt)}" + " and n-grams" * bool(arguments.ngrams)
                yield name, seed, mixed(learnt, arguments)


def peers(arguments: argparse.Namespace) -> Rows:
    """Train the peer's models."""
    for name in (name for name in arguments.models if name in PEERS):
        for seed in range(1, 1 + arguments.seeds):
            budgets = arguments.budgets if seed == 1 else arguments.budgets[:1]
            for figures in word_language_model.train(arguments.database, *PEERS[name], seed, budgets):
                yield f"word_language_model, {name}", seed, figures


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("--tokens", type=Path, help="such as data/tokens")
    parser.add_argument("--words", type=int, default=1_250_000, help="with --tokens (default %(default)s)")
    parser.add_argument("--models", nargs="+", choices=[*OURS, *PEERS], default=["lstm"])
    parser.add_argument("--budgets", type=float, nargs="+", default=[600.0, 1800.0, 3600.0])
    parser.add_argument("--epochs", type=int, help="train ours for so many epochs, whatever they take")
    parser.add_argument("--seeds", type=int, default=1, help="of the first budget")
    parser.add_argument("--ngrams", type=Path, help="such as data/baselines/fivegram_kneser_ney")
    parser.add_argument("--at-test", action="store_true", help="also test ours with dynamic evaluation")
    arguments = parser.parse_args()
    if arguments.tokens and not arguments.database.exists():
        make_database(arguments.tokens, arguments.words, arguments.database)
    if Sequences(arguments.database).end_fraction < 1:
        parser.error(f"{arguments.database}: index.end_fraction is below 1; the peer predicts every END")
    torch.set_num_threads(1)
    keep_freed_memory()
    multiply_by_onednn()  # for the peer, too
    print(
        f"{'model':<32} {'seed':>4} {'epochs':>6} {'CPU s':>6} {'valid':>6} {'test':>6}  interval of test", flush=True
    )
    for name, seed, found in itertools.chain(peers(arguments), ours(arguments)):
        line = f"{name:<32} {seed:>4} {found['epochs']:>6} {found['cpu_seconds']:>6.0f}"
        line += "".join(f" {found[f'{split}_perplexity']:>6.1f}" for split in ("valid", "test"))
        for kind in ("test", "test_dynamic"):
            if (key := f"{kind}_perplexity_low") in found:
                ends = f"  {found[key]:.1f} to {found[f'{kind}_perplexity_high']:.1f}"
                line += ends if kind == "test" else f"; dynamic {found[f'{kind}_perplexity']:.1f}, {ends}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
