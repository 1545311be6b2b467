"""gensim's word2vec and fastText for a given CPU time, also as the pipeline does not offer them."""

import tempfile
import time
from collections.abc import Iterator, Mapping
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
from pipeline.training.word2vec import learnt_vectors, make_model, spellings
from pipeline.vectors.scaling import unit_length

LONGEST = 10_000  # words of a line that gensim reads
TIMED = 20  # an epoch is timed on one line of so many


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

    def model_of() -> gensim.Word2Vec:
        made = make_model(found, total, seed)
        made.build_vocab_from_freq({names[id]: int(number) for id, number in enumerate(counts) if number})
        return made

    with tempfile.TemporaryDirectory() as scratch:
        text, part = Path(scratch) / "text", Path(scratch) / "part"
        with text.open("w", encoding="utf-8") as whole, part.open("w", encoding="utf-8") as some:
            of_part = 0
            for number, line in enumerate(lines_of(sequences, articles=settings.get("rows") == "articles")):
                known = line[counts[line] > 0].tolist()
                spelled = " ".join(names[id] for id in known) + "\n"
                whole.write(spelled)
                if number % TIMED == 0:
                    some.write(spelled)
                    of_part += len(known)
        prepared = time.process_time() - start
        timed = model_of()
        began = time.process_time()
        timed.train(corpus_file=str(part), total_words=of_part, epochs=1)
        an_epoch = (time.process_time() - began) * total / max(of_part, 1)
        del timed
        began = time.process_time()
        model = model_of()
        if settings.get("start") == "svd":
            start_from(model, names, counted(database, found.embedding_size, seed))
        prepared += time.process_time() - began
        epochs = max(1, round((seconds - prepared) / an_epoch))
        began = time.process_time()
        model.train(corpus_file=str(text), total_words=total, epochs=epochs)
    spent = prepared + time.process_time() - began
    return learnt_vectors(model, names), {"cpu_seconds": spent, "epochs": epochs, "words": epochs * total}


def lines_of(sequences: Sequences, *, articles: bool) -> Iterator[np.ndarray]:
    """Yield the word ids of each training row or, with `articles`, of each article, as long as gensim reads them."""
    of, first = sequences.article_ids("train"), 0
    for tokens, lengths in sequences.blocks("train"):
        starts = np.cumsum(lengths) - lengths
        if articles:
            own = of[first : first + len(lengths)]
            starts = starts[np.flatnonzero(np.diff(own, prepend=-1))]
        first += len(lengths)
        for line in np.split(tokens, starts[1:]):
            yield from (line[place : place + LONGEST] for place in range(0, len(line), LONGEST))


def counted(database: Path, size: int, seed: int) -> Matrices:
    """Return vectors from counts, as long as the recurrent model's at its start."""
    job = Job("svd", Svd(kind="svd", embedding_size=size), seed, database, Path("model"), Runtime(), "train", "svd")
    vectors, _ = count_vectors(job, Sequences(database))
    return Matrices(*(unit_length(matrix) * np.float32(SCALE * size**0.5) for matrix in vectors))


def start_from(model: gensim.Word2Vec, names: list[str], vectors: Matrices) -> None:
    """Let both of the model's matrices start from `vectors`; fastText's only without parts of words."""
    id_of = {name: id for id, name in enumerate(names)}
    ids = [id_of[name] for name in model.wv.index_to_key]
    model.wv.vectors[:] = vectors.inputs[ids]
    if isinstance(model, gensim.FastText):
        model.wv.vectors_vocab[:] = vectors.inputs[ids]
    model.syn1neg[:] = vectors.outputs[ids]
