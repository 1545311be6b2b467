"""The speed of each stage compared with a plain implementation, on the built-in sample.

`python -m benchmarks.stages` prints the table.
"""

import bz2
import os
import sqlite3
import string
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow.parquet as pq
import pytorch_lightning as L
import torch
from gensim.corpora.wikicorpus import extract_pages, filter_wiki
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from benchmarks.measure import Row, compare, parser_of, print_rows, record
from models.batch import IGNORED, Batch
from models.recurrent.devices import keep_freed_memory
from pipeline import download, extract, index, templates, tokens, vocabulary
from pipeline.batches.rows import SequenceData
from pipeline.records.text import Manifest
from pipeline.run.runtime import Runtime
from pipeline.settings.model_sections import LanguageModelEntry, RandomRows, Stream
from pipeline.settings.params import load_params
from pipeline.store.sequences import Sequences
from pipeline.training.fit import BestEpoch, hush
from pipeline.training.job import Job
from pipeline.training.language_model import make_language_model
from pipeline.training.resume import Resumable
from pipeline.vectors.questions import google_questions
from pipeline.vectors.space import Distance, VectorSpace

STEPS = 100
MANY = 16  # times that `extract` reads the sample, so that starting the worker takes a small share


def rows() -> Iterator[Row]:
    """Yield every comparison, with all processes on one core."""
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        download.main([f"{data}/raw"])
        templates.main([f"{data}/raw", f"{data}/templates.db"])
        extract.main([f"{data}/raw", f"{data}/templates.db", f"{data}/articles"])
        yield extract_dump(data)
        yield tokenize(data)
        tokens.main([f"{data}/articles", f"{data}/tokens"])
        yield build_database(data)
        yield draw_rows(data)
        yield train_steps(data, "train the GRU on random rows", RandomRows(kind="random_rows"))
        yield train_steps(data, "train the GRU on a stream", Stream(kind="stream"))
        yield answer_analogies()


def extract_dump(data: Path) -> Row:
    """Compare dump to Parquet with gensim's reader and cleaner."""
    (file,) = Manifest.read(data / "raw/manifest.json").files
    (data / "many").mkdir()
    Manifest(source="sample", language=None, kind="dump", files=[file] * MANY).write(data / "many/manifest.json")
    megabytes = len(bz2.decompress(Path(file.path).read_bytes())) / 1e6

    def gensim() -> list[str]:
        with bz2.open(file.path) as dump:
            return [filter_wiki(text) for _, text, _ in extract_pages(dump, filter_namespaces=("0",))]

    return compare(
        "extract, dump to Parquet",
        lambda: extract.main([f"{data}/many", f"{data}/templates.db", f"{data}/peer"]),
        gensim,
        peer_name="gensim extract_pages, filter_wiki; nothing written",
        amount=MANY * megabytes,
        peer_amount=megabytes,
        unit="MB XML/s",
    )


def tokenize(data: Path) -> Row:
    """Compare prose to counted, indexed words with the book's loop over a dictionary."""
    settings = load_params().tokens
    shard = data / "articles/part-00000.parquet"
    texts = [article.as_py() for article in pq.read_table(shard)["text"]]
    punctuation = str.maketrans("", "", string.punctuation)

    def ours() -> int:
        return tokens.tokenize_shard(shard, data, settings, "en")["tokens"]

    def book() -> int:
        word2idx: dict[str, int] = {}
        counts: dict[int, int] = {}
        sentences = []
        for text in texts:
            for line in text.split("\n"):
                for sentence in line.split(". "):
                    words = sentence.translate(punctuation).lower().split()
                    if len(words) > 1:
                        indexes = []
                        for word in words:
                            if word not in word2idx:
                                word2idx[word] = len(word2idx)
                            indexes.append(word2idx[word])
                            counts[word2idx[word]] = counts.get(word2idx[word], 0) + 1
                        sentences.append(indexes)
        return sum(map(len, sentences))

    return compare(
        "tokenize, count, write",
        ours,
        book,
        peer_name="the book's loop, ASCII punctuation, nothing written",
        amount=ours() / 1e6,
        peer_amount=book() / 1e6,
        unit="M tokens/s",
    )


def answer_analogies() -> Row:
    """Compare Google's questions by both distances with gensim's by cosine; 10,000 vectors of 100 values."""
    questions = google_questions()
    asked = {word for question in questions for word in (*question.given, *question.answers)}
    words = [*asked, *(f"word{number}" for number in range(10_000 - len(asked)))]
    vectors = np.random.default_rng(0).normal(size=(len(words), 100)).astype(np.float32)
    keyed = KeyedVectors(100)
    keyed.add_vectors(words, vectors)
    return compare(
        "answer analogies",
        lambda: [VectorSpace(words, vectors).answers(questions, distance) for distance in get_args(Distance)],
        lambda: keyed.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=len(words)),
        peer_name="gensim evaluate_word_analogies",
        amount=2 * 19.544,
        peer_amount=19.544,
        unit="k answers/s",
    )


def build_database(data: Path) -> Row:
    """Compare writing sequences.db with sqlite3's executemany of finished rows."""
    paths = [f"{data}/{name}" for name in ("tokens", "vocabulary.tsv", "remap", "sequences.db")]
    more = (f"{data}/{name}" for name in ("word_counts.tsv", "tokenizer.json", "vocabulary.json"))
    vocabulary.main([paths[0], f"{data}/articles", *paths[1:3], *more])
    index.main(paths)
    connection = Sequences(data / "sequences.db").connection
    ready = connection.execute("SELECT * FROM sequences").fetchall()

    def executemany() -> None:
        (data / "peer.db").unlink(missing_ok=True)
        with sqlite3.connect(data / "peer.db") as peer:
            peer.execute("CREATE TABLE sequences(id INTEGER PRIMARY KEY, article_id, split, length, tokens)")
            peer.executemany("INSERT INTO sequences VALUES (?, ?, ?, ?, ?)", ready)
        peer.close()

    return compare(
        "index",
        lambda: index.main(paths),
        executemany,
        peer_name="sqlite3 executemany of finished rows",
        amount=len(ready) / 1e3,
        unit="k rows/s",
    )


def draw_rows(data: Path) -> Row:
    """Compare drawing 256 random rows, 200 times, with slices of a NumPy memory map."""
    sequences = Sequences(data / "sequences.db")
    ids, lengths = sequences.ids_and_lengths("train")
    flat = np.concatenate(sequences.rows(ids.tolist()))
    flat.tofile(data / "tokens.bin")
    mapped = np.memmap(data / "tokens.bin", flat.dtype, "r")
    ends = np.cumsum(lengths, dtype=np.int64)
    draws = [np.random.default_rng(n).choice(len(ids), 256, replace=False) for n in range(200)]
    wanted = [ids[draw].tolist() for draw in draws]
    return compare(
        "draw rows by id",
        lambda: [sequences.rows(draw) for draw in wanted],
        lambda: [[np.array(mapped[ends[i] - lengths[i] : ends[i]]) for i in draw] for draw in draws],
        peer_name="NumPy memory map, a slice a row",
        amount=200 * 256 / 1e3,
        unit="k rows/s",
    )


def train_steps(data: Path, name: str, batches: RandomRows | Stream) -> Row:
    """Compare the GRU's training steps as in the stage, with rows read from SQLite, with a plain loop."""
    keep_freed_memory()  # in the plain loop, too, which runs in this process
    hush()
    source = SequenceData(data / "sequences.db", seed=1, batches=batches)
    counts = torch.from_numpy(source.target_counts())
    held: list[Batch] = list(islice(source.loader(source.train_order()), STEPS))
    new_model = partial(make_language_model, LanguageModelEntry(), len(counts), counts)
    job = Job("gru", LanguageModelEntry(), 1, source.sequences.path, data / "gru", Runtime(), "train", "models.gru")

    def ours() -> None:
        order = source.train_order()
        trainer = L.Trainer(
            accelerator="cpu", max_epochs=1, limit_train_batches=STEPS, limit_val_batches=1, num_sanity_val_steps=0,
            gradient_clip_val=1.0, deterministic=True, logger=False,
            callbacks=[BestEpoch(job, 0.0), Resumable(data / "checkpoint", 60, 1, order)],
            enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        trainer.fit(new_model(), source.loader(order), source.valid_loader())

    def plain() -> None:
        model = new_model()
        optimizer = model.configure_optimizers()
        for batch in held:
            optimizer.zero_grad()
            model.loss(batch).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    return compare(
        name,
        ours,
        plain,
        peer_name="a plain loop over batches in memory",
        amount=sum(int((batch.targets != IGNORED).sum()) for batch in held) / 1e3,
        unit="k words/s",
    )


def main() -> None:
    """Print the table."""
    record(parser_of(__doc__).parse_args(), print_rows(rows()))


if __name__ == "__main__":
    main()
