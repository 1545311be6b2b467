"""Word vectors at equal CPU time, from counts to recurrent models, and gensim's: `python -m benchmarks.vectors`.

`python -m benchmarks.vectors AA.db --tune --sets FOLDER --runs TUNED --seconds 60` trains each model with each setting
of its grid on one text, and judges them by development questions alone. `python -m benchmarks.vectors AB.db --ladder
--sets FOLDER --runs RUNS` trains each with the settings that are fixed in `MODELS` on another text, with each of the
`--seeds`, and asks the test questions. It prints each run, means by model, and differences over the same questions with
the ends of their paired intervals. FOLDER is one as `analogies.sets` names it.

A run has a process of its own with one thread, and its result a file in the folder of runs: what is there is not run
again. The CPU time includes the start from counts, but no evaluation. All learning rates decrease with the time.
gensim's models check it after each twentieth of the text. Vectors are centred. `--record` takes the figures of the
ladder.
"""

import argparse
import math
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count, cycle
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple, get_args

import numpy as np
import torch

from benchmarks.measure import kept, parser_of, record
from models.batch import Batch
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.rows import clip_gradients
from models.schedules import FINAL
from pipeline.batches.running_text import RunningTextData
from pipeline.run.runtime import Runtime
from pipeline.settings.result_sections import Vectors
from pipeline.settings.vector_sections import EmbeddingEntry, FastTextEntry, SvdEntry, Word2vecEntry
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS
from pipeline.training.embedding import LARGEST_GRADIENT, make_model
from pipeline.training.embedding import vectors as recurrent_vectors
from pipeline.training.job import Job
from pipeline.training.svd import count_vectors, start_from_counts
from pipeline.training.word2vec import gensim_names, rows_of, write_rows
from pipeline.training.word2vec import make_model as make_gensim_model
from pipeline.training.word2vec import vectors as gensim_vectors
from pipeline.vectors.accuracy import kinds, right_by, share
from pipeline.vectors.evaluation.choice import half_of
from pipeline.vectors.evaluation.intervals import pair_intervals, standing
from pipeline.vectors.evaluation.sets import evaluation_sets
from pipeline.vectors.evaluation.similarity import rank_correlation
from pipeline.vectors.evaluation.trivial import by_rules
from pipeline.vectors.questions import Question, google_questions
from pipeline.vectors.scaling import parts, word_vectors
from pipeline.vectors.space import VectorSpace

Entry = EmbeddingEntry | Word2vecEntry | FastTextEntry | SvdEntry
# Input and output vectors, (V, D) each; CPU seconds, epochs, words read.
Trained = tuple[tuple[np.ndarray, np.ndarray], dict[str, float]]
Sets = dict[str, list[Question]]  # Google's questions and BATS: those of one half that can be asked

RATES = 0.0025, 0.005, 0.01
GENSIM_RATES = 0.0125, 0.025, 0.05


def grid(**values: Sequence[Any]) -> list[dict[str, Any]]:
    """Return every combination of two settings."""
    (one, ones), (other, others) = values.items()
    return [{one: value, other: second} for value in ones for second in others]


OURS, THEIRS = (grid(learning_rate=rates, window=(5, 10)) for rates in (RATES, GENSIM_RATES))


class Rung(NamedTuple):
    """A kind of model, the settings that are tried, and the choice by `--tune`: settings, and which vectors."""

    fixed: dict[str, Any]
    grid: list[dict[str, Any]]
    chosen: dict[str, Any]
    vectors: Vectors

    def entry(self, size: int, settings: Mapping[str, Any]) -> Entry:
        """Return the entry of `models` with these settings and vectors of so many values."""
        return ENTRIES[self.fixed["kind"]](**{"embedding_size": size, **self.fixed, **settings})


# Chosen after 60 CPU seconds on 16 million words.
MODELS = {
    "counts": Rung({"kind": "svd"}, grid(window=(2, 5, 10), subsample=(None, 0.0)), {"window": 2}, "both"),
    "window": Rung({"kind": "embedding", "recurrent": "none"}, OURS, {"learning_rate": 0.005, "window": 10}, "both"),
    "elman": Rung({"kind": "embedding"}, OURS, {"learning_rate": 0.0025, "window": 10}, "both"),
    "gru": Rung({"kind": "embedding", "recurrent": "gru"}, OURS, {"learning_rate": 0.005, "window": 10}, "both"),
    "alone": Rung(
        {"kind": "embedding", "window": 0}, grid(learning_rate=RATES, recurrent=("elman", "gru")),
        {"learning_rate": 0.005, "recurrent": "elman"}, "both",
    ),
    "cbow": Rung(
        {"kind": "word2vec", "algorithm": "cbow"}, THEIRS, {"learning_rate": 0.05, "window": 5}, "both"
    ),
    "skipgram": Rung({"kind": "word2vec"}, THEIRS, {"learning_rate": 0.05, "window": 5}, "both"),
    "fasttext": Rung(
        {"kind": "fasttext"}, grid(learning_rate=GENSIM_RATES, window=(3, 5)),
        {"learning_rate": 0.025, "window": 3}, "input",
    ),
}  # fmt: skip
ENTRIES: dict[str, type[Entry]] = {
    "svd": SvdEntry, "embedding": EmbeddingEntry, "word2vec": Word2vecEntry, "fasttext": FastTextEntry
}  # fmt: skip
PEERS = "cbow", "skipgram", "fasttext"
COMPARED = [("window", "counts"), ("elman", "window"), ("gru", "window"), ("elman", "alone")]
COMPARED += [(ours, peer) for ours in ("window", "elman", "gru") for peer in PEERS]
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
    inputs, outputs, figures = count_vectors(run.job(), run.settings, Sequences(run.database))
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


def asked(words: Sequence[str], folder: Path | None, half: str) -> Sets:
    """Return the questions of one half that can be asked of these words, by set."""
    known = set(words)
    sets = {"google": google_questions(known), "bats": evaluation_sets(folder, known).bats}
    space = VectorSpace(words, np.zeros((len(words), 1)))
    found = {name: [q for q in own if half_of(q) == half and not space.missing(q)] for name, own in sets.items()}
    return {name: own for name, own in found.items() if own}


def measure(run: Run, folder: Path | None, vectors: Vectors | None) -> dict[str, Any]:
    """Train a model in this process; return its figures.

    Without the choice of `vectors`, which is by then fixed, they are the accuracies on development questions by choice.
    """
    torch.set_num_threads(1)
    keep_freed_memory()
    multiply_by_onednn()
    (inputs, outputs), figures = TRAINERS[run.settings.kind](run)
    figures["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    words = Sequences(run.database).vocabulary.words
    named = {"input": inputs[WORDS], "output": outputs[WORDS]}
    spaces = {each: VectorSpace(words, word_vectors(parts(named, each), "centred")) for each in get_args(Vectors)}
    described = {**run._asdict(), "settings": run.settings.model_dump(), "database": run.database.name, **figures}
    if vectors is None:
        sets = asked(words, folder, "development")
        shares = {c: fmean(share(right_by("cosine", s, own)) for own in sets.values()) for c, s in spaces.items()}
        return described | {"development": shares}
    space = spaces[vectors]
    rules: dict[str, float] = {}
    right: dict[str, str] = {}
    for name, own in asked(words, folder, "test").items():
        right[name] = "".join(map(str, right_by("cosine", space, own).astype(int)))
        rules |= {f"{name}, {rule}": share(found) for rule, found in by_rules(space, own).items()}
    pairs = evaluation_sets(folder, set(words)).similarity
    rated = {each.name: rank_correlation(space, each.pairs)["spearman"] for each in pairs}
    return described | {"vectors": vectors, "right": right, "rules": rules, "rated": rated}


def result(run: Run, number: int, arguments: argparse.Namespace, vectors: Vectors | None) -> dict[str, Any]:
    """Return the figures of a run in a process of its own, or those that an earlier one left in the folder of runs."""
    path = arguments.runs / f"{run.name}-{number}-{run.seed}-{run.seconds:g}.json"
    return kept(path, measure, run, arguments.sets, vectors)


def tune(arguments: argparse.Namespace) -> None:
    """Print a row for each model and each of its settings, by development questions."""
    for name in arguments.models:
        for number, chosen in enumerate(MODELS[name].grid):
            entry = MODELS[name].entry(arguments.embedding_size, chosen)
            found = result(Run(name, entry, arguments.seconds, 1, arguments.database), number, arguments, None)
            shares = ", ".join(f"{each} {100 * value:.1f}" for each, value in found["development"].items())
            print(f"{name}, {chosen}, {found['cpu_seconds']:.0f} s: {shares}", flush=True)


def ladder(arguments: argparse.Namespace) -> None:
    """Print a row for each run, the means of each model, and paired differences."""
    recorded: dict[str, Any] = {}
    values: dict[str, dict[str, np.ndarray]] = {}  # by model and set, which questions are right, a mean over seeds
    words = Sequences(arguments.database).vocabulary.words
    sets = with_parts(asked(words, arguments.sets, "test"))
    print(", ".join(f"{name}: {len(own):,} questions" for name, own in sets.items()))
    print("model, seed: CPU s, words in millions, MB; accuracy by set, Spearman's rho by set")
    for name in arguments.models:
        rung = MODELS[name]
        entry = rung.entry(arguments.embedding_size, rung.chosen)
        found = []
        for seed in range(1, 1 + arguments.seeds):
            run = Run(name, entry, arguments.seconds, seed, arguments.database)
            found.append(result(run, 0, arguments, rung.vectors))
            print(row(found[-1], sets), flush=True)
        rules = ", ".join(f"{rule} {100 * share:.1f}" for rule, share in found[0]["rules"].items())
        print(f"{name}: baselines: {rules}")
        each = [rights(one, sets) for one in found]
        values[name] = {part: np.mean([one[part] for one in each], axis=0) for part in sets}
        spread = [100 * fmean(fmean(one[part]) for part in ("google", "bats") if part in one) for one in each]
        deviation = stdev(spread) if len(spread) > 1 else 0.0
        print(f"{name}: mean {fmean(spread):.1f}, standard deviation over seeds {deviation:.1f}", flush=True)
        recorded |= {f"{name}.{part}": right.mean() for part, right in values[name].items()}
        ((low, high),) = pair_intervals(sets["google"], values[name]["google"][None])
        recorded |= {f"{name}.mean": fmean(spread) / 100, f"{name}.low": low, f"{name}.high": high}
        recorded |= {f"{name}.{rule.replace(', ', '.')}": share for rule, share in found[0]["rules"].items()}
    for one, other in COMPARED:
        if one in values and other in values:
            print(f"{one} against {other}:")
            for part, (points, low, high) in differences(values[one], values[other], sets).items():
                if low is None:  # too few word pairs, as in a small vocabulary
                    continue
                print(f"  {part} {points:+.1f} ({low:+.1f} to {high:+.1f}), {standing(low, high).split()[0]}")
                recorded[f"{one}-{other}.{part}"] = points, low, high
    record(arguments, {f"ladder.{name}": figure for name, figure in recorded.items()})


def with_parts(sets: Sets) -> Sets:
    """Return sets of questions, and Google's semantic and syntactic ones as sets of their own."""
    marks = kinds(sets["google"])
    some = {kind: [q for q, chosen in zip(sets["google"], marks[kind], strict=True) if chosen] for kind in marks}
    return sets | some


def rights(found: Mapping[str, Any], sets: Sets) -> dict[str, np.ndarray]:
    """Return which questions of each set and part a run answers right, (questions,)."""
    whole = {name: np.array([*right], float) for name, right in found["right"].items()}
    return whole | {kind: whole["google"][marks] for kind, marks in kinds(sets["google"]).items()}


def row(found: Mapping[str, Any], sets: Sets) -> str:
    """Return the figures of a run as text."""
    shares = ", ".join(f"{part} {100 * right.mean():.1f}" for part, right in rights(found, sets).items())
    rated = ", ".join(f"{name} {rho:.3f}" for name, rho in found["rated"].items())
    what = f"{found['cpu_seconds']:.0f}, {found['words'] / 1e6:.0f}, {found['megabytes']:.0f}"
    return f"{found['name']}, {found['seed']}: {what}; {shares}; {rated}"


def differences(
    one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], sets: Sets
) -> dict[str, tuple[float, float | None, float | None]]:
    """Return the differences of two models by set in points, and the ends of their paired intervals.

    `mean` is of Google's and BATS.
    """
    points = {part: 100 * (one[part] - other[part]) for part in sets}
    whole = [part for part in ("google", "bats") if part in sets]
    asked = [question for part in whole for question in sets[part]]
    equal = [len(asked) / len(whole) / len(sets[part]) * points[part] for part in whole]  # each set has the same share
    found = {}
    for part, questions, values in [
        *((part, sets[part], points[part]) for part in sets),
        ("mean", asked, np.hstack(equal)),
    ]:
        ((low, high),) = pair_intervals(questions, values[None])
        found[part] = float(values.mean()), low, high
    return found


def main() -> None:
    """Tune models, or print the ladder."""
    parser = parser_of(__doc__)
    parser.add_argument("database", type=Path)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--tune", action="store_true", help="judge all settings of the grids by development questions")
    what.add_argument("--ladder", action="store_true", help="ask the models with fixed settings the test questions")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--sets", type=Path, help="folder of evaluation sets; Google's and gensim's are there without")
    parser.add_argument("--runs", type=Path, required=True, help="folder of results, a file for each run")
    parser.add_argument("--embedding-size", type=int, default=128, help="values of a vector in each matrix")
    parser.add_argument("--seconds", type=float, default=600.0, help="of CPU time for each")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # of NumPy in the processes that start below
    (tune if arguments.tune else ladder)(arguments)


if __name__ == "__main__":
    main()
