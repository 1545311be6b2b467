"""gensim's word2vec and fastText for a given CPU time, also as the pipeline does not offer them."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import islice
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
TIMED = 20  # an epoch is timed on one row of so many


def train_gensim(
    database: Path, settings: Mapping[str, Any], seconds: float, seed: int
) -> tuple[Matrices, dict[str, float]]:
    """Train for as many epochs as fit into the CPU seconds, one at least.

    With `start: svd` both matrices start from counts; with `rows: articles` a context crosses sentences.
    """
    start = time.process_time()
    own = {key: value for key, value in settings.items() if key not in ("start", "rows")}
    found = (FastText if own["kind"] == "fasttext" else Word2vec).model_validate(own)
    sequences = Sequences(database)
    vocabulary, counts = sequences.vocabulary, sequences.word_counts("train")
    if found.data.unknown == "drop":
        counts[vocabulary.unknown] = 0
    names, total = spellings(found, vocabulary), int(counts.sum())
    rows = articles_of if settings.get("rows") == "articles" else rows_of
    with tempfile.TemporaryDirectory() as scratch:
        text, part = Path(scratch) / "text", Path(scratch) / "part"
        write_rows(text, rows(sequences), names, counts)
        model = make_model(found, names, counts, seed)
        if settings.get("start") == "svd":
            start_from(model, names, counted(database, found.embedding_size, seed))
        prepared = time.process_time() - start
        words = write_rows(part, islice(rows(sequences), None, None, TIMED), names, counts)
        timed = make_model(found, names, counts, seed)
        began = time.process_time()
        timed.train(corpus_file=str(part), total_words=words, epochs=1)
        an_epoch = (time.process_time() - began) * total / max(words, 1)
        del timed
        epochs = max(1, round((seconds - prepared) / an_epoch))
        began = time.process_time()
        model.train(corpus_file=str(text), total_words=total, epochs=epochs)
    spent = prepared + time.process_time() - began
    return learnt_vectors(model, names), {"cpu_seconds": spent, "epochs": epochs, "words": epochs * total}


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
