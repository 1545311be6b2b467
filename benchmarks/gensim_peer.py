"""gensim's word2vec and fastText for a given CPU time, also as the pipeline does not offer them."""

import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from gensim import models as gensim

from models.language_model import SCALE
from pipeline.run.runtime import Runtime
from pipeline.settings.vector_sections import FastTextEntry, SvdEntry, Word2vecEntry
from pipeline.store.sequences import Sequences
from pipeline.training.job import Job
from pipeline.training.svd import count_vectors
from pipeline.training.word2vec import ids_of, make_model, rows_of, spellings, vectors, write_rows
from pipeline.vectors.scaling import unit_length

LONGEST = 10_000  # words of a line that gensim reads
PARTS = 20  # of the text; the CPU time is checked after each
LOWEST = 1e-4  # learning rate, as gensim's own


class Matrices(NamedTuple):
    """Vectors by word id, each float32 (V, dimensions): `inputs` for read words, `outputs` for predicted ones."""

    inputs: np.ndarray
    outputs: np.ndarray


def train_gensim(
    database: Path, settings: Mapping[str, Any], seconds: float, seed: int
) -> tuple[Matrices, dict[str, float]]:
    """Train for `seconds` of CPU time, to within half a part of the text; the learning rate decreases with the time.

    With `start: svd` both matrices start from counts; with `rows: articles` a context crosses sentences.
    """
    start = time.process_time()
    own = {key: value for key, value in settings.items() if key not in ("start", "rows")}
    found = (FastTextEntry if own["kind"] == "fasttext" else Word2vecEntry).model_validate(own)
    sequences = Sequences(database)
    vocabulary, counts = sequences.vocabulary, sequences.word_counts("train")
    if found.data.unknown == "drop":
        counts[vocabulary.unknown] = 0
    words, names = int(counts.sum()), spellings(found, vocabulary)
    rows = articles_of if settings.get("rows") == "articles" else rows_of
    with tempfile.TemporaryDirectory() as scratch:
        text = Path(scratch) / "text"
        write_rows(text, rows(sequences), names, counts)
        parts = deal_lines(text)
        share = words // len(parts)
        model = make_model(found, names, counts, seed)
        if settings.get("start") == "svd":
            start_from(model, names, counted(database, found.embedding_size, seed))
        # gensim would compute fastText's vectors from their parts after each call; `vectors` does it once.
        model._clear_post_train = lambda: None
        spent, rate, left = time.process_time() - start, found.learning_rate, math.inf
        for read, path in enumerate(cycle(parts), 1):
            end = rate - (rate - LOWEST) / left
            model.train(corpus_file=str(path), total_words=share, epochs=1, start_alpha=rate, end_alpha=end)
            now = time.process_time() - start
            left = round((seconds - now) / (now - spent))
            spent, rate, epochs = now, end, read / len(parts)
            if left <= 0:
                break
    return Matrices(*vectors(model, names)), {"cpu_seconds": spent, "epochs": epochs, "words": epochs * words}


def deal_lines(text: Path) -> list[Path]:
    """Deal the lines of a file to the parts in turn; an empty part is left out."""
    paths = [text.with_name(f"part{number}") for number in range(PARTS)]
    with ExitStack() as files:
        parts = [files.enter_context(path.open("wb")) for path in paths]
        for part, line in zip(cycle(parts), files.enter_context(text.open("rb")), strict=False):
            part.write(line)
    return [path for path in paths if path.stat().st_size]


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
    job = Job(
        "svd", SvdEntry(kind="svd", embedding_size=size), seed, database, Path("model"), Runtime(), "train", "svd"
    )
    *found, _ = count_vectors(job, job.settings, Sequences(database))
    return Matrices(*(unit_length(matrix) * np.float32(SCALE * size**0.5) for matrix in found))


def start_from(model: gensim.Word2Vec, names: list[str], found: Matrices) -> None:
    """Let both of the model's matrices start from `found`; fastText's only without parts of words."""
    ids = ids_of(model, names)
    model.wv.vectors[:] = found.inputs[ids]
    if isinstance(model, gensim.FastText):
        model.wv.vectors_vocab[:] = found.inputs[ids]
    model.syn1neg[:] = found.outputs[ids]
