"""Word vectors for the same CPU time: `python -m benchmarks.embeddings DATABASE [--seconds 600] [MODEL...]`.

DATABASE is a sequences.db. Every model learns vectors of as many values from its training rows, without UNKNOWN and
with frequent words thinned, in so many CPU seconds; all threads and preparations count. The recurrent model's
learning rate falls with the time that has passed; gensim's word2vec has as many epochs as the time allows, by the
time that one takes (and, as `skipgram/3` and `cbow/3`, a third of them). With --ablations the recurrent model is
trained with one change after the other instead. Figures are shares of Google's questions that are answered right, by
cosine on centred vectors. `--json FILE` keeps them, with those on the way.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pipeline.batches.running_text import RunningTextData
from pipeline.store.sequences import Sequences
from pipeline.training.embedding import make_model, matrices, start_from_counts
from pipeline.training.matrices import WORDS, Matrices
from pipeline.training.svd import train_svd
from pipeline.training.vector_settings import Batches, Counted, Embedding, Random, Svd, Text, Word2vec
from pipeline.training.word2vec import train_word2vec
from pipeline.vectors.accuracy import google_accuracy
from pipeline.vectors.questions import read_questions
from pipeline.vectors.scaling import word_vectors
from pipeline.vectors.space import Method, VectorSpace

SIZE = 128
BOOK = Path(__file__).parents[1] / "questions/book.txt"
TEXT = Text(unknown="drop", subsample=1e-4)  # as is usual; more text for the same words
RECURRENT = Embedding(
    kind="embedding",
    directions=2,
    embedding_size=SIZE,
    hidden_size=SIZE // 2,
    start=Counted(kind="svd", window=5),
    negatives=256,
    learning_rate=0.005,
    final=0.05,
    gradient_clip=1.0,
    epochs=1,
    data=Batches(unknown="drop", subsample=3e-5, rows=64, steps=35),
)
ABLATIONS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "random vectors to start with": {"start": Random(kind="random")},
    "one direction": {"directions": 1, "hidden_size": SIZE},
    "Elman": {"unit": "elman"},
    "rated": {"unit": "rated"},
    "LSTM": {"unit": "lstm"},
    "negatives: 64": {"negatives": 64},
    "negatives: 1,024": {"negatives": 1024},
    "learning rate: 0.0025": {"learning_rate": 0.0025},
    "learning rate: 0.01": {"learning_rate": 0.01},
    "subsample: 1e-3": {"data": {"subsample": 1e-3}},
    "subsample: 1e-4": {"data": {"subsample": 1e-4}},
    "subsample: none": {"data": {"subsample": 0.0}},
    "UNKNOWN kept": {"data": {"unknown": "keep"}},
    "70 steps": {"data": {"steps": 70}},
    "256 rows": {"data": {"rows": 256}},
}
POINTS = 10  # of the curve of each recurrent model


def train_recurrent(database: Path, settings: Embedding, seconds: float, seed: int) -> Iterator[dict[str, Any]]:
    """Train for so many CPU seconds; what is reached at each point on the way."""
    torch.manual_seed(seed)
    start = time.process_time()
    data = RunningTextData("embedding", database, settings.data, seed=seed)
    words = data.sequences.words()
    model = make_model(settings, data)
    start_from_counts("embedding", model, settings, data)
    optimizer = model.configure_optimizers()
    seen, asking, due = 0, 0.0, 1 / POINTS
    for batch in _batches(data):
        passed = (time.process_time() - start - asking) / seconds
        if passed >= due:
            began = time.process_time()
            epochs = seen / data.expected.sum()
            yield {"cpu_seconds": passed * seconds, "epochs": epochs, "words": epochs * data.words} | figures(
                words, matrices(model)
            )
            asking += time.process_time() - began
            due += 1 / POINTS
            if passed >= 1:
                return
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * (1 - (1 - settings.final) * passed)
        optimizer.zero_grad()
        model.loss(batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.gradient_clip)
        optimizer.step()
        seen += batch.targets.numel()


def _batches(data: RunningTextData) -> Iterator[Any]:
    for epoch in count():
        data.first = (epoch, 0)
        yield from data.train_dataloader()


def figures(words: list[str], found: Matrices) -> dict[str, Any]:
    """The shares answered right by input vectors, by output vectors and by both; of these also by kind, and the book's.

    `book` holds what both vectors answer to the book's questions: by cosine, centred, and by Euclidean distance, raw.
    """
    inputs, outputs = found.inputs[WORDS], found.outputs[WORDS]
    both = google_accuracy(words[WORDS], inputs, outputs)
    return {
        "input": google_accuracy(words[WORDS], inputs)["total"],
        "output": google_accuracy(words[WORDS], outputs)["total"],
        "both": both["total"],
        "semantic": both["semantic"],
        "syntactic": both["syntactic"],
        "book": {
            "cosine": book_answers(words[WORDS], word_vectors([inputs, outputs], "centred"), "cosine"),
            "Euclid": book_answers(words[WORDS], np.hstack([inputs, outputs]), "euclidean"),
        },
    }


def book_answers(words: list[str], vectors: np.ndarray, method: Method) -> list[str]:
    """The best answer to each of the book's questions that can be asked."""
    space = VectorSpace(words, vectors)
    asked = [question for question in read_questions(BOOK).questions if not space.missing(question)]
    return [words[id] for id in space.answers(asked, method)[:, 0]]


def train_gensim(database: Path, algorithm: Any, seconds: float, seed: int, part: int) -> Iterator[dict[str, Any]]:
    """Train word2vec for as many epochs as the time allows, divided by `part`."""
    sequences = Sequences(database)
    rate = {"cbow": 0.05, "skipgram": 0.025}[algorithm]
    settings = Word2vec(
        kind="word2vec",
        algorithm=algorithm,
        embedding_size=SIZE,
        window=5,
        negatives=5,
        learning_rate=rate,
        epochs=1,
        data=TEXT,
    )
    with tempfile.TemporaryDirectory() as scratch:
        one = train_word2vec(algorithm, sequences, settings=settings, seed=seed, scratch=Path(scratch))
        prepared = one.figures["start_cpu_seconds"]
        epochs = max(1, round((seconds / part - prepared) / (one.figures["cpu_seconds"] - prepared)))
        settings = settings.model_copy(update={"epochs": epochs})
        learnt = train_word2vec(algorithm, sequences, settings=settings, seed=seed, scratch=Path(scratch))
    for epoch, point in enumerate(learnt.epochs[:-1], start=1):
        share = epoch / epochs
        yield {
            "cpu_seconds": learnt.figures["cpu_seconds"] * share,
            "epochs": epoch,
            "words": learnt.figures["words_read"] * share,
            "both": point["cosine_total"],
        }
    yield {
        "cpu_seconds": learnt.figures["cpu_seconds"],
        "epochs": epochs,
        "words": learnt.figures["words_read"],
    } | figures(sequences.words(), learnt.matrices)


def train_counts(database: Path, seed: int) -> Iterator[dict[str, Any]]:
    """Count and factor, which takes the time that it takes."""
    sequences = Sequences(database)
    settings = Svd(kind="svd", embedding_size=SIZE, window=5, data=TEXT)
    learnt = train_svd("svd", sequences, settings=settings, seed=seed)
    yield {
        "cpu_seconds": learnt.figures["cpu_seconds"],
        "epochs": 1,
        "words": learnt.figures["words_read"],
    } | figures(sequences.words(), learnt.matrices)


def changed(settings: Embedding, changes: dict[str, Any]) -> Embedding:
    """The settings with one or more of their keys, or their data's, changed."""
    data = settings.data.model_copy(update=changes.get("data", {}))
    return settings.model_copy(update={**changes, "data": data})


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("models", nargs="*", help="recurrent, skipgram, cbow, svd, or names as printed: all by default")
    parser.add_argument("--seconds", type=float, default=600, help="of CPU time for each")
    parser.add_argument("--seeds", type=int, default=1, help="of the recurrent model")
    parser.add_argument("--threads", type=int, default=1, help="of the recurrent model")
    parser.add_argument("--ablations", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    database, seconds = arguments.database, arguments.seconds
    runs: dict[str, Iterator[dict[str, Any]]] = {}
    if arguments.ablations:
        runs = {
            name: train_recurrent(database, changed(RECURRENT, changes), seconds, seed=1)
            for name, changes in ABLATIONS.items()
        }
    else:
        for seed in range(1, arguments.seeds + 1):
            runs[f"recurrent, seed {seed}"] = train_recurrent(database, RECURRENT, seconds, seed)
        for algorithm in ("skipgram", "cbow"):
            runs[algorithm] = train_gensim(database, algorithm, seconds, 1, part=1)
            runs[f"{algorithm}/3"] = train_gensim(database, algorithm, seconds, 1, part=3)
        runs["svd"] = train_counts(database, 1)
    asked_for = set(arguments.models) or set(runs)
    chosen = {name: run for name, run in runs.items() if asked_for & {name, name.split(",")[0]}}
    words = Sequences(database).words()
    asked = google_accuracy(words[WORDS], torch.eye(len(words[WORDS]), 2).numpy())["asked"]
    print(f"V = {len(words):,}, {SIZE} values (both: {2 * SIZE}), {asked:,} of 19,544 questions asked")
    print(f"{'':24} CPU s  epochs words/M  input output   both  semantic syntactic  the book's four", flush=True)
    found = {}
    for name, run in chosen.items():
        found[name] = list(run)
        last = found[name][-1]
        shares = " ".join(f"{last[key]:6.1%}" for key in ("input", "output", "both", "semantic", "syntactic"))
        spent = f"{last['cpu_seconds']:5.0f} {last['epochs']:7.1f} {last['words'] / 1e6:7.0f}"
        book = "; ".join(f"{method}: {', '.join(answers)}" for method, answers in last["book"].items())
        print(f"{name:24} {spent} {shares}  {book}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
