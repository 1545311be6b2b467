"""gensim's word2vec and fastText for a given CPU time, also as the pipeline does not offer them."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from gensim import models as gensim

from models.language_model import SCALE
from pipeline.run.runtime import Runtime
from pipeline.store.sequences import Sequences
from pipeline.training.job import Job
from pipeline.training.matrices import Matrices
from pipeline.training.svd import count_vectors
from pipeline.training.vector_settings import FastText, Svd, Word2vec
from pipeline.training.word2vec import ids_of, learnt_vectors, make_model, rows_of, spellings, write_rows
from pipeline.vectors.scaling import unit_length

LONGEST = 10_000  # words of a line that gensim reads
PARTS = 5  # of the text, after each of which the time is looked at
LOWEST = 1e-4  # learning rate, as gensim's own


def train_gensim(
    database: Path, settings: Mapping[str, Any], seconds: float, seed: int
) -> tuple[Matrices, dict[str, float]]:
    """Train for so many CPU seconds, a part of the text at a time; the learning rate decreases with the time.

    With `start: svd` both matrices start from counts; with `rows: articles` a context crosses sentences.
    """
    start = time.process_time()
    own = {key: value for key, value in settings.items() if key not in ("start", "rows")}
    found = (FastText if own["kind"] == "fasttext" else Word2vec).model_validate(own)
    sequences = Sequences(database)
    vocabulary, counts = sequences.vocabulary, sequences.word_counts("train")
    share = counts.sum() / PARTS
    if found.data.unknown == "drop":
        counts[vocabulary.unknown] = 0
    names = spellings(found, vocabulary)
    rows = (articles_of if settings.get("rows") == "articles" else rows_of)(sequences)
    with tempfile.TemporaryDirectory() as scratch:
        parts = [Path(scratch) / str(part) for part in range(PARTS)]
        words = [write_rows(path, rows_with(rows, share), names, counts) for path in parts[:-1]]
        words.append(write_rows(parts[-1], rows, names, counts))
        model = make_model(found, names, counts, seed)
        if settings.get("start") == "svd":
            start_from(model, names, counted(database, found.embedding_size, seed))
        spent, last, read = time.process_time() - start, 0.0, 0
        for path, total in cycle(zip(parts, words, strict=True)):
            rate, end = (max(found.learning_rate * (1 - at / seconds), LOWEST) for at in (spent, spent + last))
            model.train(corpus_file=str(path), total_words=total, epochs=1, start_alpha=rate, end_alpha=end)
            read += total
            now = time.process_time() - start
            spent, last = now, now - spent
            if spent + last / 2 > seconds:
                break
    return learnt_vectors(model, names), {"cpu_seconds": spent, "epochs": read / sum(words), "words": read}


def rows_with(rows: Iterator[np.ndarray], words: float) -> Iterator[np.ndarray]:
    """Yield the next rows until they have so many words."""
    for row in rows:
        yield row
        words -= len(row)
        if words <= 0:
            return


def articles_of(sequences: Sequences) -> Iterator[np.ndarray]:
    """Yield the word ids of each training article, at most as many at once as gensim reads of a line."""
    of, first = sequences.article_ids("train"), 0
    for tokens, lengths in sequences.blocks("train"):
        own = of[first : first + len(lengths)]
        starts = (np.cumsum(lengths) - lengths)[np.flatnonzero(np.diff(own, prepend=-1))]
        first += len(lengths)
        for article in np.split(tokens, starts[1:]):
            yield from (article[place : place + LONGEST] for place in range(0, len(article), LONGEST))


def counted(database: Path, size: int, seed: int) -> Matrices:
    """Return vectors from counts, as long as the recurrent model's at its start."""
    job = Job("svd", Svd(kind="svd", embedding_size=size), seed, database, Path("model"), Runtime(), "train", "svd")
    vectors, _ = count_vectors(job, Sequences(database))
    return Matrices(*(unit_length(matrix) * np.float32(SCALE * size**0.5) for matrix in vectors))


def start_from(model: gensim.Word2Vec, names: list[str], vectors: Matrices) -> None:
    """Let both of the model's matrices start from `vectors`; fastText's only without parts of words."""
    ids = ids_of(model, names)
    model.wv.vectors[:] = vectors.inputs[ids]
    if isinstance(model, gensim.FastText):
        model.wv.vectors_vocab[:] = vectors.inputs[ids]
    model.syn1neg[:] = vectors.outputs[ids]
