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
import os
import resource
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple, get_args

import numpy as np
import torch

from benchmarks.measure import kept, parser_of, record
from benchmarks.vector_trainers import TRAINERS, Run
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from pipeline.settings.result_sections import Vectors
from pipeline.settings.vector_sections import EmbeddingEntry, FastTextEntry, SvdEntry, Word2vecEntry
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS
from pipeline.vectors.accuracy import kinds, right_by, share
from pipeline.vectors.evaluation.choice import half_of
from pipeline.vectors.evaluation.intervals import pair_intervals
from pipeline.vectors.evaluation.sets import evaluation_sets
from pipeline.vectors.evaluation.similarity import rank_correlation
from pipeline.vectors.evaluation.trivial import by_rules
from pipeline.vectors.evaluation.wording import standing
from pipeline.vectors.questions import Question, google_questions
from pipeline.vectors.scaling import parts, word_vectors
from pipeline.vectors.space import VectorSpace

Entry = EmbeddingEntry | Word2vecEntry | FastTextEntry | SvdEntry
Sets = dict[str, list[Question]]  # Google's questions and BATS: those of one half that can be asked

SIZE = 128  # values of a vector in each matrix, by default
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
    rated = {each.name: rank_correlation(space, each.name, each.pairs).spearman for each in pairs}
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
    where = "ladder" if arguments.embedding_size == SIZE else f"ladder.{arguments.embedding_size}"
    record(arguments, {f"{where}.{name}": figure for name, figure in recorded.items()})


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
    parser.add_argument("--embedding-size", type=int, default=SIZE, help="values of a vector in each matrix")
    parser.add_argument("--seconds", type=float, default=600.0, help="of CPU time for each")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # of NumPy in the processes that start below
    (tune if arguments.tune else ladder)(arguments)


if __name__ == "__main__":
    main()
