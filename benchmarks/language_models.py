"""Language models at equal CPU time: `python -m benchmarks.language_models DATABASE --runs FOLDER --models lstm`.

DATABASE is a sequences.db. Where there is none, `--tokens FOLDER --words 1250000` makes it from articles with so many
words in all, drawn at random from what the stage `tokens` wrote: a tenth each for validation and test. The
vocabulary, V = 10,000, is the training articles'; every END is a target.

A model is a network: its layers, dropout, softmax and penalty. `lstm` and `mogrifier` are the networks of
presets/treebank.yaml; `gru 400`, `lstm 400` and `lstm 256` have one layer. `peer 200 0.2` is pytorch/examples'
word_language_model with two layers of 200 values, tied, and a dropout of 0.2 (`WORD_LANGUAGE_MODEL` names the folder
of its checkout).

A recipe trains it. `ours` is the preset's: word vectors that start from counts, 32 rows, AdamW, averaged weights.
`sgd` is the one of word_language_model's main.py: random vectors, 20 rows of 35 steps, plain SGD, its learning rate
and its clipping, no penalty. `dynamic` is `ours` with a test by dynamic evaluation, too. `rows` is `ours` by rows at
random, in training and tests, with as many tokens in a batch. `gate` is `ours` with 5-grams through a gate.

All else is equal. Batches of the others are of one stream, whose articles are shuffled for each epoch. Products are in
bfloat16 where the processor has them. The learning rate warms up and falls by a cosine to the end of the `--seconds` of
CPU time, which count the start from counts, but no evaluation. The weights with the best validation perplexity after an
epoch are tested, with the state carried through the split in one row, on the same targets. Choose by the validation
perplexity.

The ratio of two test perplexities is of geometric means over seeds; its interval is paired by article. For a text in
pieces, the difference of two figures in bits per byte takes its place. A run has a process of its own with one thread,
and its result a file in the folder of runs: what is there is not run again.

`--pieces TRAIN TEST --megabytes 10` makes a database of pieces of words instead, from so much text of the articles of
one run and two MB of another's. `gpt 3 128 0.1 0.003` is GPT-2's network with three layers of 128 values, that dropout
and that learning rate, which reads 4 rows of 256 steps; `gru 1 256 0 0.006` and `lstm 1 256 0 0.006` are ours. The
softmax, the start from counts and the weight decay are the same.
"""

import itertools
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from benchmarks.measure import kept, parser_of, record
from benchmarks.pieces import CONTEXT, GPT, make_pieces_database
from benchmarks.word_language_model import Peer
from models.averages import Average
from models.optimizers import make_optimizer
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.schedules import cosine
from models.trainable import TrainableLanguageModel
from pipeline.batches.rows import SequenceData
from pipeline.run.console import say
from pipeline.run.runtime import Runtime
from pipeline.scores.dynamic_evaluation import choose_rate, dynamic_scores, gradient_rms
from pipeline.scores.figures import exponential, mean_losses, perplexity, with_interval
from pipeline.scores.model_scores import score_split
from pipeline.scores.targets import Targets, read_targets
from pipeline.settings.model_sections import LanguageModelEntry
from pipeline.settings.params import read_yaml
from pipeline.store.building import Article, build
from pipeline.store.sequences import HELD_OUT
from pipeline.store.vocabularies import Words
from pipeline.training.job import Job
from pipeline.training.language_model import COUNTED, COUNTED_WORDS, add_ngrams, data_of, make_language_model
from pipeline.training.svd import start_from_counts
from pipeline.words.layout import shards, words_path
from pipeline.words.splits import split_of
from wikilm.presets import PRESETS

PRESET = read_yaml(PRESETS / "treebank.yaml")["models"]
LSTM: dict[str, Any] = PRESET["lstm"]
ONE_LAYER = {"activation_penalty": 0.0, "learning_rate": 0.004, "dropout": LSTM["dropout"] | {"layers": 0}}
LIGHT = {"embedding": 0.1, "output": 0.1}  # dropout of a text that is read once or twice
OURS: dict[str, dict[str, Any]] = {
    "lstm": LSTM,
    "mogrifier": PRESET["mogrifier"],
    "lstm 400": LSTM | ONE_LAYER | {"hidden_sizes": [400]},
    "gru 400": LSTM | ONE_LAYER | {"hidden_sizes": [400], "unit": "gru"},
    "lstm 256": LSTM | ONE_LAYER | {"hidden_sizes": [256], "dropout": LIGHT},
}
OF_PIECES = {
    "loss": {"kind": "adaptive", "cutoffs": [400, 1600, 4000]}, "activation_penalty": 0, "weight_decay": 0.1,
}  # fmt: skip
OF_GPT = {"batches": {"kind": "stream", "rows": 4, "steps": CONTEXT}}  # about as many tokens as in a batch of ours
PLACES = "embedding", "layers", "output"
TRAINING = {key: LSTM[key] for key in ("learning_rate", "average_decay", "weight_decay", "batches")}
PLAIN = {
    "start": "random", "batches": {"kind": "stream", "rows": 20, "steps": 35}, "gradient_clip": 0.25,
    "average_decay": 0, "weight_decay": 0, "activation_penalty": 0,
}  # fmt: skip
RECIPES: dict[str, dict[str, Any]] = {
    "ours": {},
    "dynamic": {"dynamic_evaluation": True},
    "gate": {"ngram_order": 5},
    "rows": {"batches": {"kind": "random_rows", "tokens": 32 * 35}},
    "sgd": PLAIN | {"optimizer": {"kind": "sgd", "momentum": 0}, "learning_rate": 20},
}
WORDS, HELD_OUT_SHARE = 10_000, 0.1

Lines = list[list[str]]
Network = Peer | GPT | TrainableLanguageModel


class Run(NamedTuple):
    """The training of a network by a recipe for so many CPU seconds."""

    model: str
    recipe: str
    seed: int
    seconds: float
    database: Path

    def __str__(self) -> str:
        return f"{self.model}, {self.recipe}"

    def settings(self) -> LanguageModelEntry:
        """Return the settings of the network and the recipe; one that says nothing of a setting has the preset's."""
        return LanguageModelEntry.model_validate(TRAINING | network(self.model) | RECIPES[self.recipe])


def network_name(model: str) -> str:
    """Return the name of a network; raises `ValueError` where none has it."""
    Run(model, "ours", 1, 1.0, Path()).settings()
    return model


def network(model: str) -> dict[str, Any]:
    """Return the settings of a network by its name; raises `ValueError` where none has it."""
    match model.split():
        case ["peer", width, dropout]:
            places = dict.fromkeys(PLACES, float(dropout))
            return {"unit": "lstm", "hidden_sizes": [int(width)] * 2, "dropout": places}
        case [("gpt" | "gru" | "lstm") as unit, layers, width, dropout, rate]:
            own = OF_GPT if unit == "gpt" else {"unit": unit}
            sizes, dropouts = [int(width)] * int(layers), dict.fromkeys(("embedding", "output"), float(dropout))
            return LSTM | OF_PIECES | own | {"hidden_sizes": sizes, "dropout": dropouts, "learning_rate": float(rate)}
    if model not in OURS:
        raise ValueError(f"there is no network {model!r}")
    return OURS[model]


def make_database(tokens: Path, words: int, path: Path) -> None:
    """Write a database of articles that have so many words."""
    articles = list(drawn_articles(tokens, words))
    splits = {id: split_of(id, HELD_OUT_SHARE, HELD_OUT_SHARE) for id, _, _ in articles}
    train = [line for id, _, lines in articles if splits[id] == "train" for line in lines]
    counts = Counter(word for line in train for word in line)
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: WORDS - 3]
    rare = counts.total() - sum(count for _, count in frequent)
    vocabulary = Words.of(frequent, rows=len(train), unknown=rare)

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


def train_epochs(
    network: Network, settings: LanguageModelEntry, seconds: float, data: SequenceData, average: Average
) -> Iterator[tuple[float, float]]:
    """Train for so many CPU seconds; yield the epochs and the seconds so far, after each epoch and at the end."""
    optimizer = make_optimizer(
        network,
        {network.embedding.weight},
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        **settings.optimizer.model_dump(),
    )
    order, steps, spent = data.train_order(), 0, 0.0
    while spent < seconds:
        order.set_epoch(steps // len(order))
        network.train()
        began = process_time() - spent
        for batch in data.loader(order):
            in_all = int((steps + 1) * seconds / max(spent, 0.001))  # steps, at the speed so far
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * cosine(steps, in_all, 0)
            optimizer.zero_grad()
            network.loss(batch).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), settings.gradient_clip)
            optimizer.step()
            average.update(network.parameters())
            steps, spent = steps + 1, process_time() - began
            if spent >= seconds:
                break
        yield steps / len(order), spent


def train(run: Run) -> dict[str, Any]:
    """Train in this process; return the figures, and of each split the cross-entropy and the targets by article."""
    torch.set_num_threads(1)
    torch.manual_seed(run.seed)
    keep_freed_memory()
    multiply_by_onednn()
    settings, name = run.settings(), str(run)
    job = Job(name, settings, run.seed, run.database, Path("model"), Runtime(), "train", "models.model")
    data = data_of(job)
    targets = {split: read_targets(data.sequences, split) for split in HELD_OUT}
    counts = torch.from_numpy(data.target_counts())
    model: Network
    if run.model.startswith("peer "):
        model = Peer(settings, len(counts))
    elif run.model.startswith("gpt "):
        model = GPT(settings, len(counts), counts)
    else:
        model = make_language_model(settings, len(counts), counts)
    start = add_ngrams(job, model, data) + start_from_counts(job, model, data.sequences, COUNTED, COUNTED_WORDS)
    weights, average = list(model.parameters()), Average(settings.average_decay)
    best = math.inf, 0.0, parameters_to_vector(weights)  # perplexity, epochs, weights; the first if it diverges
    for epochs, spent in train_epochs(model, settings, run.seconds - start, data, average):
        average.swap(weights)
        found = perplexity(score_split(name, model, data, "valid"), targets["valid"])
        bits = targets["valid"].bits_of_a_nat
        told = f"bits per byte {bits * math.log(found):.3f}" if bits else f"perplexity {found:.1f}"
        say(f"{name}, seed {run.seed}: epoch {epochs:.2f}, {start + spent:.0f} s: {told} valid")
        best = min(best, (found, epochs, parameters_to_vector(weights)), key=lambda each: each[0])
        average.swap(weights)
    _, best_epoch, best_weights = best
    vector_to_parameters(best_weights, weights)
    scores = {split: score_split(name, model, data, split) for split in HELD_OUT}
    if settings.dynamic_evaluation:
        rms = gradient_rms(name, model, data)
        rate = choose_rate(name, model, data, rms)
        scores["dynamic"] = dynamic_scores(name, model, data, "test", rms, rate)
    figures = {"cpu_seconds": start + spent, "epochs": epochs, "best_epoch": best_epoch}
    sums = {split: by_article(own, targets.get(split, targets["test"])) for split, own in scores.items()}
    described = {**run._asdict(), "database": run.database.name, "settings": settings.model_dump()}
    return {**described, **figures, "parameters": sum(weight.numel() for weight in weights), "articles": sums}


def by_article(scores: np.ndarray, targets: Targets) -> dict[str, Any]:
    """Return the cross-entropy of each article and its targets, or, of a text in pieces, its bits and bytes."""
    losses, counts = mean_losses(scores, targets)
    in_bits = targets.sizes is not None
    if targets.sizes is not None:
        losses, counts = losses / math.log(2), targets.sizes[:, 0]
    return {"losses": losses.tolist(), "targets": counts.tolist(), "in_bits": in_bits}


def losses(found: Sequence[Mapping[str, Any]], split: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return the cross-entropy, a mean over runs, and the targets of each article, (articles,) each; are they bits?"""
    own = found[0]["articles"][split]
    sums = np.mean([run["articles"][split]["losses"] for run in found], axis=0)
    return sums, np.array(own["targets"], float), own.get("in_bits", False)


def reached(sums: np.ndarray, counts: np.ndarray, in_bits: bool) -> list[float]:
    """Return bits per byte, or the exponential of a mean, and the ends of its interval if there are enough articles."""
    return list(with_interval("mean", sums, counts, float if in_bits else exponential).values())


def told(value: float, *ends: float, digits: int = 1) -> str:
    """Return a figure as text, with its interval if it has one."""
    return f"{value:.{digits}f}" + (f" ({ends[0]:.{digits}f} to {ends[1]:.{digits}f})" if ends else "")


def row(found: Mapping[str, Any]) -> str:
    """Return the figures of a run as text."""
    text = f"{found['seed']:>4} {found['epochs']:>6.2f} {found['cpu_seconds']:>6.0f}"
    digits = 3 if found["articles"]["test"].get("in_bits") else 1
    for split in found["articles"]:
        text += f"  {split} {told(*reached(*losses([found], split)), digits=digits)}"
    return text


def main() -> None:
    """Print each run, means over seeds, and ratios of the first model's test perplexity to the others'; record them."""
    parser = parser_of(__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--tokens", type=Path, help="such as data/tokens")
    parser.add_argument("--words", type=int, default=1_250_000, help="with --tokens (default %(default)s)")
    parser.add_argument("--pieces", nargs=2, type=Path, help="folders of articles to train on, and of others to test")
    parser.add_argument("--megabytes", type=float, default=10, help="with --pieces (default %(default)s)")
    parser.add_argument("--runs", type=Path, required=True, help="folder of results, a file for each run")
    parser.add_argument("--models", nargs="+", default=["lstm"], type=network_name)
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, help="of each model (by default its own)")
    parser.add_argument("--seconds", type=float, default=600.0, help="of CPU time for each (default %(default)s)")
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.tokens and not arguments.database.exists():
        make_database(arguments.tokens, arguments.words, arguments.database)
    if arguments.pieces and not arguments.database.exists():
        train_on, test_on = arguments.pieces
        make_pieces_database(train_on, test_on, arguments.megabytes, arguments.database)
    os.environ["OMP_NUM_THREADS"] = "1"  # of NumPy in the processes that start below
    found: dict[str, list[dict[str, Any]]] = {}
    for model, seed in itertools.product(arguments.models, range(1, 1 + arguments.seeds)):
        for recipe in arguments.recipes or ["sgd" if model.startswith("peer ") else "ours"]:
            run = Run(model, recipe, seed, arguments.seconds, arguments.database)
            path = arguments.runs / f"{model}-{recipe}-{seed}-{run.seconds:g}.json".replace(" ", "-")
            found.setdefault(str(run), []).append(kept(path, train, run))
            print(f"{run!s:<24} {row(found[str(run)][-1])}", flush=True)
    figures = {
        f"{name}, {split}": reached(*losses(runs, split))
        for name, runs in found.items()
        for split in runs[0]["articles"]
    }
    (first, own), *others = ((name, losses(runs, "test")) for name, runs in found.items())
    sign = "-" if own[2] else "/"  # a difference of bits per byte, or a ratio of perplexities
    figures |= {f"{first} {sign} {name}": reached(own[0] - other[0], *other[1:]) for name, other in others}
    for name, values in figures.items():
        print(f"{name}: {told(*values, digits=3)}")
    where = f"{arguments.database.stem}.{arguments.seconds:g}"
    record(arguments, {f"{where}.{name}": value for name, value in figures.items()})


if __name__ == "__main__":
    main()
