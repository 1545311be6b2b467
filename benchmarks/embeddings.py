"""Word vectors on every evaluation set at equal CPU time: `python -m benchmarks.embeddings DATABASE --sets FOLDER`.

DATABASE is a sequences.db, FOLDER one as `analogies.sets` names it. Each model learns from the training rows for each
of the `--seconds` with each of the `--seeds`, in a process of its own with one thread. The CPU time includes all
threads and the start from counts, but no evaluation. All learning rates decrease with the time. gensim's models check
it after each twentieth of the text.

"recurrent with dropout" has settings for large vocabularies. "spelling" trains nothing: its vectors know spelling
alone. All vectors have two forms: centred, and corrected by spelling (`pipeline.vectors.spelling`). Input vectors,
output vectors or both are chosen by the mean accuracy on the development halves of Google's questions and BATS.
Figures are of the test halves and of the other sets, with which nothing is chosen. `--search` tries changes of the
models' settings, one at a time, and prints the development figures alone. `--json FILE` adds all figures to a file.
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain, count
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple, get_args

import numpy as np
import torch

from benchmarks.gensim_peer import Matrices, train_gensim
from benchmarks.memory import peak
from models.batch import Batch
from models.recurrent.devices import keep_freed_memory, multiply_by_onednn
from models.rows import clip_gradients
from pipeline.batches.running_text import RunningTextData
from pipeline.run.runtime import Runtime
from pipeline.settings.result_sections import Form, Vectors
from pipeline.settings.vector_sections import EmbeddingEntry, SvdEntry
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS
from pipeline.training.embedding import make_model, vectors
from pipeline.training.job import Job
from pipeline.training.svd import count_vectors, start_from_counts
from pipeline.vectors.accuracy import right_by, share
from pipeline.vectors.evaluation.answered import accuracies, frequent
from pipeline.vectors.evaluation.categories import cluster
from pipeline.vectors.evaluation.choice import in_development_half
from pipeline.vectors.evaluation.sets import EvaluationSets, evaluation_sets
from pipeline.vectors.evaluation.similarity import rate_pairs
from pipeline.vectors.evaluation.suite import macro_average, shown, suite
from pipeline.vectors.questions import Question, google_questions
from pipeline.vectors.scaling import parts
from pipeline.vectors.space import VectorSpace
from pipeline.vectors.spelling import in_form, predicted

FORMS: tuple[Form, ...] = ("centred", "spelled")

Settings = Mapping[str, Any]
Trained = tuple[Matrices, dict[str, float]]  # the figures: CPU seconds, epochs, words read

MODELS: dict[str, Settings] = {
    "recurrent": {"kind": "embedding"},
    "recurrent with dropout": {"kind": "embedding", "dropout": 0.3, "learning_rate": 0.0025},
    "skipgram": {"kind": "word2vec", "learning_rate": 0.025},
    "cbow": {"kind": "word2vec", "algorithm": "cbow", "learning_rate": 0.05},
    "fasttext": {"kind": "fasttext", "learning_rate": 0.025, "window": 3},
    "svd": {"kind": "svd"},
    "spelling": {"kind": "spelling"},
}
GENSIM: dict[str, Settings] = {
    "window 10": {"window": 10},
    "10 negatives": {"negatives": 10},
    "subsample 2e-5": {"data": {"subsample": 2e-5}},
    "subsample 3e-4": {"data": {"subsample": 3e-4}},
    "from counts": {"start": "svd"},
    "rows of articles": {"rows": "articles"},
}
NARROW: dict[str, Settings] = {"window 3": {"window": 3}}
CHANGES: dict[str, dict[str, Settings]] = {
    "recurrent": {
        "random vectors to start with": {"start": "random"},
        "counts in a window of 2": {"start": {"kind": "svd", "window": 2}},
        "one direction": {"directions": 1},
        "GRU": {"unit": "gru"},
        "64 negatives": {"negatives": 64},
        "1,024 negatives": {"negatives": 1024},
        "dropout 0.3": {"dropout": 0.3},
        "rate 0.0025": {"learning_rate": 0.0025},
        "rate 0.01": {"learning_rate": 0.01},
        "subsample 2e-5": {"data": {"subsample": 2e-5}},
        "subsample 3e-4": {"data": {"subsample": 3e-4}},
        "256 rows": {"data": {"rows": 256}},
    },
    "skipgram": GENSIM | NARROW | {"rate 0.0125": {"learning_rate": 0.0125}, "rate 0.05": {"learning_rate": 0.05}},
    "cbow": GENSIM | NARROW | {"rate 0.025": {"learning_rate": 0.025}, "rate 0.1": {"learning_rate": 0.1}},
    "fasttext": GENSIM | {"window 5": {"window": 5}, "cbow": {"algorithm": "cbow", "learning_rate": 0.05}},
    "svd": {"window 2": {"window": 2}, "window 10": {"window": 10}},
}


class Run(NamedTuple):
    """The training of a model with these settings for so many CPU seconds."""

    name: str
    settings: Settings
    seconds: float
    seed: int


def train_recurrent(database: Path, settings: Settings, seconds: float, seed: int) -> Trained:
    """Train for so many CPU seconds, the start included."""
    torch.manual_seed(seed)
    start = time.process_time()
    found = EmbeddingEntry.model_validate(settings)
    data = RunningTextData("embedding", database, found.data, seed=seed)
    model = make_model(found, data)
    job = Job("embedding", found, seed, database, Path("model"), Runtime(), "train", "models.embedding")
    start_from_counts(job, model, data.sequences, found.data)
    optimizer = model.configure_optimizers()
    words = 0
    for batch in _batches(data):
        passed = (time.process_time() - start) / seconds
        if passed >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = found.learning_rate * (1 - (1 - found.final) * passed)
        optimizer.zero_grad()
        model.loss(batch).backward()
        clip_gradients(model.parameters(), found.gradient_clip)
        optimizer.step()
        words += batch.targets.numel()
    epochs = float(words / data.expected.sum())
    spent = time.process_time() - start
    return Matrices(*vectors(model)), {"cpu_seconds": spent, "epochs": epochs, "words": epochs * data.words}


def _batches(data: RunningTextData) -> Iterator[Batch]:
    for epoch in count():
        order = data.train_order()
        order.set_epoch(epoch)
        yield from data.loader(order)


def train_counts(database: Path, settings: Settings, _: float, seed: int) -> Trained:
    """Train vectors from counts, without a limit of time."""
    found = SvdEntry.model_validate(settings)
    job = Job("svd", found, seed, database, Path("model"), Runtime(), "train", "models.svd")
    *matrices, figures = count_vectors(job, job.settings, Sequences(database))
    return Matrices(*matrices), {"cpu_seconds": figures["cpu_seconds"], "epochs": 1, "words": figures["words_read"]}


def spelling_alone(database: Path, settings: Settings, _: float, seed: int) -> Trained:
    """Return what spelling predicts of random vectors, much as the baseline of `analogies`; nothing is trained."""
    words = Sequences(database).vocabulary.words
    drawn = np.random.default_rng(seed).standard_normal((2, len(words), settings["embedding_size"]), np.float32)
    found = [np.pad(predicted(words, each), ((WORDS.start, 1), (0, 0))) for each in drawn]
    return Matrices(*found), {"cpu_seconds": 0, "epochs": 0, "words": 0}


TRAINERS: dict[str, Callable[[Path, Settings, float, int], Trained]] = {
    "embedding": train_recurrent,
    "svd": train_counts,
    "spelling": spelling_alone,
    "word2vec": train_gensim,
    "fasttext": train_gensim,
}


def measure(database: Path, folder: Path | None, search: bool, run: Run) -> list[dict[str, Any]]:
    """Train a model in this process; return its figures, for a search the development figures alone, by form."""
    torch.set_num_threads(1)
    keep_freed_memory()
    multiply_by_onednn()
    vectors, figures = TRAINERS[run.settings["kind"]](database, run.settings, run.seconds, run.seed)
    figures["megabytes"] = peak()
    words = Sequences(database).vocabulary.words
    google, sets = google_questions(known := set(words)), evaluation_sets(folder, known)
    return [{**run._asdict(), **figures, **evaluated(words, vectors, google, sets, form, search)} for form in FORMS]


def evaluated(
    words: list[str], vectors: Matrices, google: list[Question], sets: EvaluationSets, form: Form, search: bool
) -> dict[str, Any]:
    """Return the development figures of vectors in a form and, unless for a search, the rows of the suite."""
    named = {"input": vectors.inputs[WORDS], "output": vectors.outputs[WORDS]}
    spaces = {each: in_form(words, parts(named, each), form) for each in get_args(Vectors)}
    halves = {each: development(VectorSpace(words, space), google, sets.bats) for each, space in spaces.items()}
    best = max(spaces, key=lambda each: halves[each])
    found = {"form": form, "development": halves, "vectors": best}
    if search:
        return found
    space = VectorSpace(words, spaces[best])
    results = {
        **asked_of_test_half(space, google),
        "bats": asked_of_test_half(space, sets.bats) if sets.bats else None,
        "similarity": {rated["name"]: rated for rated in rate_pairs(space, sets.similarity)},
        "categories": {each.name: {"name": each.name, **cluster(space, each.members)} for each in sets.categories},
    }
    rows = list(suite(results))
    return found | {"suite": rows, "macro_average": macro_average(rows)}


def asked_of_test_half(space: VectorSpace, questions: Sequence[Question]) -> dict[str, Any]:
    """Return the accuracy on the test half by 3CosAdd; by every method it takes minutes with 50,000 words."""
    half = [each for each in questions if not in_development_half(each)]
    asked = [each for each in half if not space.missing(each)]
    return accuracies(half, asked, {"cosine": right_by("cosine", space, asked), "frequent": frequent(space, asked)}, {})


def development(space: VectorSpace, *sets: Sequence[Question]) -> float:
    """Return the mean accuracy by cosine on the development halves of sets of questions."""
    asked = [[each for each in own if not space.missing(each) and in_development_half(each)] for own in sets]
    return fmean([share(right_by("cosine", space, questions)) for questions in asked if questions] or [0.0])


def changed(settings: Settings, changes: Settings) -> Settings:
    """Return settings with some of them changed; of `data`, only the given keys."""
    data = {**settings.get("data", {}), **changes.get("data", {})}
    return {**settings, **changes, **({"data": data} if data else {})}


def runs_of(arguments: argparse.Namespace) -> Iterator[Run]:
    """Yield the trainings: every model by seconds and seed or, with --search, with one change each."""
    for name in arguments.models:
        settings = changed(MODELS[name], {"embedding_size": arguments.embedding_size})
        if arguments.search:
            tried = {name: {}, **{f"{name}, {label}": changes for label, changes in CHANGES.get(name, {}).items()}}
            for label, changes in tried.items():
                yield Run(label, changed(settings, changes), arguments.seconds[0], 1)
        else:
            for seconds in arguments.seconds:
                for seed in range(1, 1 + arguments.seeds):
                    yield Run(name, settings, seconds, seed)


def print_search(found: Mapping[str, Any]) -> None:
    """Print the development figures of a run."""
    by_vectors = ", ".join(f"{name} {share:.1%}" for name, share in found["development"].items())
    spent = f"{found['cpu_seconds']:5.0f} s {found['epochs']:5.1f} epochs"
    print(f"{found['name']:<40} {spent}  {found['form']:<7}  {by_vectors}", flush=True)


def print_run(found: Mapping[str, Any]) -> None:
    """Print the figures of a run as a row of a Markdown table."""
    spent = [f"{found['cpu_seconds']:.0f}", f"{found['epochs']:.1f}", f"{found['words'] / 1e6:.0f}"]
    sets = [shown(row) for row in found["suite"] if row["averaged"]]
    vectors = [f"{found['megabytes']:.0f}", found["form"], found["vectors"]]
    cells = [found["name"], str(found["seed"]), *spent, *vectors, *sets]
    print(f"| {' | '.join(cells)} | {found['macro_average']:.1f} |", flush=True)


def print_header(found: Mapping[str, Any]) -> None:
    """Print the coverage and the trivial baseline of each set, and the head of the table."""
    rows = [row for row in found["suite"] if row["averaged"]]
    for row in rows:
        baseline = "" if row["baseline"] is None else f"; trivial baseline {shown(row, 'baseline')}"
        print(f"{row['set']}: {row['figure']}, {row['asked']:,} of {row['of']:,} known{baseline}")
    spent = ["model", "seed", "CPU s", "epochs", "words, millions", "MB", "form", "vectors"]
    head = [*spent, *(row["set"] for row in rows), "macro-average"]
    print(f"\n| {' | '.join(head)} |\n{'|---' * len(head)}|")


def print_means(found: list[dict[str, Any]]) -> None:
    """Print the mean and the standard deviation of Google's accuracy and of the macro-average by model and time."""
    kinds = ("form", "name", "seconds")
    for form, name, seconds in dict.fromkeys(tuple(each[kind] for kind in kinds) for each in found):
        same = [each for each in found if tuple(each[kind] for kind in kinds) == (form, name, seconds)]
        google = [100 * (each["suite"][0]["value"] or 0) for each in same]
        macro = [each["macro_average"] for each in same]
        shares = (f"{fmean(values):.1f} ({stdev(values) if len(same) > 1 else 0:.1f})" for values in (google, macro))
        print(f"{name}, {form}, {seconds:g} s, {len(same)} seed(s): Google and macro-average {', '.join(shares)}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--sets", type=Path, help="folder of evaluation sets; Google's and gensim's are there without")
    parser.add_argument("--embedding-size", type=int, default=128, help="values of a vector in each matrix")
    parser.add_argument("--seconds", type=float, nargs="+", default=[600.0], help="of CPU time for each")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--search", action="store_true", help="one change at a time, by development figures alone")
    parser.add_argument("--jobs", type=int, default=1, help="number of trainings at the same time")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.search and (len(arguments.seconds) > 1 or arguments.seeds > 1):
        parser.error("--search takes one value of --seconds, and one seed")
    before = (
        json.loads(arguments.json.read_text(encoding="utf-8")) if arguments.json and arguments.json.exists() else []
    )
    os.environ["OMP_NUM_THREADS"] = "1"  # of NumPy in the processes that start below
    work = partial(measure, arguments.database, arguments.sets, arguments.search)
    found: list[dict[str, Any]] = []
    with ProcessPoolExecutor(arguments.jobs, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        for each in chain.from_iterable(pool.map(work, runs_of(arguments))):
            if arguments.search:
                print_search(each)
            else:
                if not found:
                    print_header(each)
                print_run(each)
            found.append(each)
            if arguments.json:
                arguments.json.write_text(json.dumps(before + found, indent=1), encoding="utf-8")
    if not arguments.search:
        print_means(found)


if __name__ == "__main__":
    main()
