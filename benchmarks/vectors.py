"""Word vectors on every evaluation set at equal CPU time: `python -m benchmarks.vectors DATABASE --sets FOLDER`.

DATABASE is a sequences.db, FOLDER one as `analogies.sets` names it. Each model learns from the training rows for each
of the `--seconds` with each of the `--seeds`, in a process of its own with one thread. The CPU time includes the start
from counts, but no evaluation. All learning rates decrease with the time. gensim's models check it after each twentieth
of the text.

Vectors are centred. Input vectors, output vectors or both are chosen by the mean accuracy on the development halves of
Google's questions and BATS. Figures are of the test halves and of the other sets, with which nothing is chosen.
"""

import argparse
import math
import multiprocessing
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
from pipeline.training.word2vec import make_model as make_gensim_model
from pipeline.training.word2vec import rows_of, spellings, write_rows
from pipeline.training.word2vec import vectors as gensim_vectors
from pipeline.vectors.accuracy import right_by, share
from pipeline.vectors.evaluation.answered import accuracies, frequent
from pipeline.vectors.evaluation.choice import in_development_half
from pipeline.vectors.evaluation.sets import evaluation_sets
from pipeline.vectors.evaluation.similarity import rate_pairs
from pipeline.vectors.evaluation.suite import macro_average, shown, suite
from pipeline.vectors.questions import Question, google_questions
from pipeline.vectors.scaling import parts, word_vectors
from pipeline.vectors.space import VectorSpace

Entry = EmbeddingEntry | Word2vecEntry | FastTextEntry | SvdEntry
# Input and output vectors, (V, D) each; CPU seconds, epochs, words read.
Trained = tuple[tuple[np.ndarray, np.ndarray], dict[str, float]]

MODELS: dict[str, Entry] = {
    "recurrent": EmbeddingEntry(kind="embedding"),
    "recurrent with dropout": EmbeddingEntry(kind="embedding", dropout=0.3, learning_rate=0.0025),  # many words
    "skipgram": Word2vecEntry(kind="word2vec", learning_rate=0.025),
    "cbow": Word2vecEntry(kind="word2vec", algorithm="cbow", learning_rate=0.05),
    "fasttext": FastTextEntry(kind="fasttext", learning_rate=0.025, window=3),
    "svd": SvdEntry(kind="svd"),
}
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
    words, names = int(counts.sum()), spellings(settings, vocabulary)
    with tempfile.TemporaryDirectory() as scratch:
        write_rows(text := Path(scratch) / "text", rows_of(sequences), names, counts)
        dealt = deal_lines(text)
        model = make_gensim_model(settings, names, counts, run.seed)
        # gensim would compute fastText's vectors from their parts after each call; `vectors` does it once.
        model._clear_post_train = lambda: None
        spent, rate, left = time.process_time() - start, settings.learning_rate, math.inf
        for read, path in enumerate(cycle(dealt), 1):
            end, share = rate - (rate - LOWEST) / left, words // len(dealt)
            model.train(corpus_file=str(path), total_words=share, epochs=1, start_alpha=rate, end_alpha=end)
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


def measure(run: Run, folder: Path | None) -> dict[str, Any]:
    """Train a model in this process; return its figures and the rows of the suite."""
    torch.set_num_threads(1)
    keep_freed_memory()
    multiply_by_onednn()
    (inputs, outputs), figures = TRAINERS[run.settings.kind](run)
    figures["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    words = Sequences(run.database).vocabulary.words
    google, sets = google_questions(set(words)), evaluation_sets(folder, set(words))
    named = {"input": inputs[WORDS], "output": outputs[WORDS]}
    spaces = {each: VectorSpace(words, word_vectors(parts(named, each), "centred")) for each in get_args(Vectors)}
    halves = {each: development(space, google, sets.bats) for each, space in spaces.items()}
    best = max(halves, key=lambda each: halves[each])
    space = spaces[best]
    results = {
        **asked_of_test_half(space, google),
        "bats": asked_of_test_half(space, sets.bats) if sets.bats else None,
        "similarity": {rated["name"]: rated for rated in rate_pairs(space, sets.similarity)},
    }
    rows = list(suite(results))
    chosen = {"vectors": best, "development": halves[best]}
    return {**run._asdict(), **figures, **chosen, "suite": rows, "macro_average": macro_average(rows)}


def asked_of_test_half(space: VectorSpace, questions: Sequence[Question]) -> dict[str, Any]:
    """Return the accuracy on the test half by 3CosAdd; by every method it takes minutes with 50,000 words."""
    half = [each for each in questions if not in_development_half(each)]
    asked = [each for each in half if not space.missing(each)]
    return accuracies(half, asked, {"cosine": right_by("cosine", space, asked), "frequent": frequent(space, asked)}, {})


def development(space: VectorSpace, *sets: Sequence[Question]) -> float:
    """Return the mean accuracy by cosine on the development halves of sets of questions."""
    asked = [[each for each in own if not space.missing(each) and in_development_half(each)] for own in sets]
    return fmean([share(right_by("cosine", space, questions)) for questions in asked if questions] or [0.0])


def print_header(found: Mapping[str, Any]) -> None:
    """Print the coverage and the trivial baseline of each set, and the head of the table."""
    rows = [row for row in found["suite"] if row["averaged"]]
    for row in rows:
        baseline = "" if row["baseline"] is None else f"; trivial baseline {shown(row, 'baseline')}"
        print(f"{row['set']}: {row['figure']}, {row['asked']:,} of {row['of']:,} known{baseline}")
    head = ["model", "seed", "CPU s", "epochs", "words, millions", "MB", "vectors", "development"]
    head += [*(row["set"] for row in rows), "macro-average"]
    print(f"\n| {' | '.join(head)} |\n{'|---' * len(head)}|")


def print_run(found: Mapping[str, Any]) -> None:
    """Print the figures of a run as a row of a Markdown table."""
    cells = [found["name"], str(found["seed"]), f"{found['cpu_seconds']:.0f}", f"{found['epochs']:.1f}"]
    cells += [f"{found['words'] / 1e6:.0f}", f"{found['megabytes']:.0f}", found["vectors"]]
    cells += [f"{found['development']:.1%}", *(shown(row) for row in found["suite"] if row["averaged"])]
    print(f"| {' | '.join(cells)} | {found['macro_average']:.1f} |", flush=True)


def print_means(found: list[dict[str, Any]]) -> None:
    """Print the mean and the standard deviation of Google's accuracy and of the macro-average by model and time."""
    for name, seconds in dict.fromkeys((each["name"], each["seconds"]) for each in found):
        same = [each for each in found if (each["name"], each["seconds"]) == (name, seconds)]
        google = [100 * (each["suite"][0]["value"] or 0) for each in same]
        macro = [each["macro_average"] for each in same]
        shares = (f"{fmean(values):.1f} ({stdev(values) if len(same) > 1 else 0:.1f})" for values in (google, macro))
        print(f"{name}, {seconds:g} s, {len(same)} seed(s): Google and macro-average {', '.join(shares)}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--sets", type=Path, help="folder of evaluation sets; Google's and gensim's are there without")
    parser.add_argument("--embedding-size", type=int, default=128, help="values of a vector in each matrix")
    parser.add_argument("--seconds", type=float, nargs="+", default=[600.0], help="of CPU time for each")
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # of NumPy in the processes that start below
    found: list[dict[str, Any]] = []
    for name in arguments.models:
        settings = MODELS[name].model_copy(update={"embedding_size": arguments.embedding_size})
        for seconds in arguments.seconds:
            for seed in range(1, 1 + arguments.seeds):
                run = Run(name, settings, seconds, seed, arguments.database)
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    found.append(pool.apply(measure, (run, arguments.sets)))
                if len(found) == 1:
                    print_header(found[0])
                print_run(found[-1])
    print_means(found)


if __name__ == "__main__":
    main()
