"""Word vectors for the same CPU time: `python -m benchmarks.embeddings DATABASE [--seconds 600] [MODEL...]`.

DATABASE is a sequences.db. Every model has the default settings, and learns from the training rows for `--seconds`;
the CPU time of all threads and preparations counts. The recurrent model's learning rate falls with the time that has
passed. gensim's word2vec has as many epochs as the time allows, by the time of one epoch; `skipgram/3` and `cbow/3`
have a third of them. With --ablations the recurrent model is trained repeatedly, with one change each time.
Figures are accuracies on Google's questions, by cosine on centred vectors. `--json FILE` writes them, also the
figures during training.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from models.batch import Batch
from models.recurrent.devices import keep_freed_memory
from models.rows import clip_gradients
from pipeline.batches.running_text import RunningTextData
from pipeline.run.runtime import Runtime
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import WORDS
from pipeline.training.embedding import make_model
from pipeline.training.job import Job
from pipeline.training.learnt import Learnt
from pipeline.training.start import start_from_counts
from pipeline.training.svd import train_svd
from pipeline.training.vector_settings import Embedding, Svd, Word2vec
from pipeline.training.word2vec import train_word2vec
from pipeline.vectors.accuracy import google_accuracy
from pipeline.vectors.questions import read_questions
from pipeline.vectors.scaling import word_vectors
from pipeline.vectors.space import Method, VectorSpace

BOOK = Path(__file__).parents[1] / "questions/book.txt"
RECURRENT = Embedding(kind="embedding")
SIZE = RECURRENT.embedding_size
ABLATIONS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "random vectors to start with": {"start": "random"},
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
RATES = {"skipgram": 0.025, "cbow": 0.05}
POINTS = 10  # of the curve of each recurrent model

Points = Iterator[dict[str, Any]]  # the figures during training, then the figures of the trained model


def job_of(settings: Embedding | Word2vec | Svd, database: Path, seed: int = 1, folder: Path = Path("model")) -> Job:
    """Return the training of a model with these settings."""
    return Job(settings.kind, settings, seed, database, folder, Runtime(), stage="train", key=f"models.{settings.kind}")


def train_recurrent(settings: Embedding, database: Path, seconds: float, seed: int = 1) -> Points:
    """Train for so many CPU seconds; yield the figures at each of `POINTS` on the way."""
    torch.manual_seed(seed)
    start = time.process_time()
    data = RunningTextData("embedding", database, settings.data, seed=seed)
    model = make_model(settings, data)
    start_from_counts(job_of(settings, database, seed), model, data.sequences, settings.data)
    optimizer = model.configure_optimizers()
    seen, asking, due = 0, 0.0, 1 / POINTS
    for batch in _batches(data):
        passed = (time.process_time() - start - asking) / seconds
        if passed >= due:
            began = time.process_time()
            epochs = seen / data.expected.sum()
            spent = {"cpu_seconds": passed * seconds, "epochs": epochs, "words": epochs * data.words}
            yield spent | figures(data.sequences, model.state_dict())
            asking += time.process_time() - began
            due += 1 / POINTS
            if passed >= 1:
                return
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * (1 - (1 - settings.final) * passed)
        optimizer.zero_grad()
        model.loss(batch).backward()
        clip_gradients(model.parameters(), settings.gradient_clip)
        optimizer.step()
        seen += batch.targets.numel()


def _batches(data: RunningTextData) -> Iterator[Batch]:
    for epoch in count():
        data.first = (epoch, 0)
        yield from data.train_dataloader()


def train_gensim(algorithm: Literal["skipgram", "cbow"], database: Path, seconds: float, part: int = 1) -> Points:
    """Train word2vec for as many epochs as the time allows, divided by `part`."""
    one = Word2vec(kind="word2vec", algorithm=algorithm, learning_rate=RATES[algorithm], epochs=1)
    with tempfile.TemporaryDirectory() as scratch:
        job = job_of(one, database, folder=Path(scratch) / "model")
        first = train_word2vec(job).figures
        prepared = first["start_cpu_seconds"]
        epochs = max(1, round((seconds / part - prepared) / (first["cpu_seconds"] - prepared)))
        learnt = train_word2vec(job._replace(settings=one.model_copy(update={"epochs": epochs})))
    for epoch, point in enumerate(learnt.epochs[:-1], start=1):
        spent = learnt.figures["cpu_seconds"] * epoch / epochs
        yield {"cpu_seconds": spent, "epochs": epoch, "words": point["words_read"], "both": point["cosine_total"]}
    yield _trained(learnt, database, epochs)


def train_counts(database: Path) -> Points:
    """Train vectors from counts, without a limit of time."""
    yield _trained(train_svd(job_of(Svd(kind="svd"), database)), database, epochs=1)


def _trained(learnt: Learnt, database: Path, epochs: int) -> dict[str, Any]:
    spent = {"cpu_seconds": learnt.figures["cpu_seconds"], "epochs": epochs, "words": learnt.figures["words_read"]}
    return spent | figures(Sequences(database), learnt.weights)


def figures(sequences: Sequences, weights: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return the accuracy of input vectors, output vectors and both joined; for both, also by kind of question.

    `book` holds the answers of both to the book's questions: by cosine on centred vectors, and by Euclidean distance
    on raw ones.
    """
    words = sequences.vocabulary.words
    inputs, outputs = (weights[f"{name}.weight"].numpy()[WORDS] for name in ("embedding", "output"))
    both = google_accuracy(words, inputs, outputs)
    return {
        "input": google_accuracy(words, inputs)["total"],
        "output": google_accuracy(words, outputs)["total"],
        "both": both["total"],
        "semantic": both["semantic"],
        "syntactic": both["syntactic"],
        "book": {
            "cosine": book_answers(words, word_vectors([inputs, outputs], "centred"), "cosine"),
            "Euclid": book_answers(words, np.hstack([inputs, outputs]), "euclidean"),
        },
    }


def book_answers(words: list[str], vectors: np.ndarray, method: Method) -> list[str]:
    """Return the best answer to each of the book's questions whose words are known."""
    space = VectorSpace(words, vectors)
    asked = [question for question in read_questions(BOOK).questions if not space.missing(question)]
    return [words[id] for id in space.answers(asked, method)[:, 0]]


def changed(settings: Embedding, changes: dict[str, Any]) -> Embedding:
    """Return the settings with some keys changed; of `data`, only the given keys."""
    before = settings.model_dump()
    return Embedding.model_validate(before | changes | {"data": before["data"] | changes.get("data", {})})


def runs_of(database: Path, seconds: float, seeds: int, ablations: bool) -> dict[str, Points]:
    """Return the trainings to compare, by name; each starts when its first figures are asked for."""
    if ablations:
        models = {name: changed(RECURRENT, changes) for name, changes in ABLATIONS.items()}
        return {name: train_recurrent(settings, database, seconds) for name, settings in models.items()}
    recurrent = {
        f"recurrent, seed {seed}": train_recurrent(RECURRENT, database, seconds, seed) for seed in range(1, seeds + 1)
    }
    return {
        **recurrent,
        "skipgram": train_gensim("skipgram", database, seconds),
        "skipgram/3": train_gensim("skipgram", database, seconds, part=3),
        "cbow": train_gensim("cbow", database, seconds),
        "cbow/3": train_gensim("cbow", database, seconds, part=3),
        "svd": train_counts(database),
    }


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
    arguments = parser.parse_intermixed_args()  # as in the usage above: options may stand before models
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    runs = runs_of(arguments.database, arguments.seconds, arguments.seeds, arguments.ablations)
    wanted = set(arguments.models) or set(runs)
    vocabulary = Sequences(arguments.database).vocabulary
    asked = google_accuracy(vocabulary.words, np.eye(len(vocabulary.words), 2))["asked"]
    print(f"V = {len(vocabulary):,}, {SIZE} values (both: {2 * SIZE}), {asked:,} of 19,544 questions asked")
    print(f"{'':28} CPU s  epochs words/M  input output   both  semantic syntactic  the book's four", flush=True)
    found = {}
    for name, run in runs.items():
        if not wanted & {name, name.split(",")[0]}:
            continue
        found[name] = list(run)
        last = found[name][-1]
        shares = " ".join(f"{last[key]:6.1%}" for key in ("input", "output", "both", "semantic", "syntactic"))
        spent = f"{last['cpu_seconds']:5.0f} {last['epochs']:7.1f} {last['words'] / 1e6:7.0f}"
        book = "; ".join(f"{method}: {', '.join(answers)}" for method, answers in last["book"].items())
        print(f"{name:28} {spent} {shares}  {book}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
