"""word2vec (Mikolov et al. 2013) and fastText (Bojanowski et al. 2017) by gensim, on the same training rows."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from gensim import models as gensim
from gensim.models.callbacks import CallbackAny2Vec

from pipeline.batches.subsampling import keep_chances, threshold
from pipeline.run.console import Metrics, progress
from pipeline.run.outputs import scratch_directory
from pipeline.settings.vector_sections import FastTextEntry, Gensim
from pipeline.store.sequences import Sequences
from pipeline.store.vocabulary import UNKNOWN_MARK, Vocabulary
from pipeline.training.job import Job
from pipeline.training.vectors import Evaluation, WordVectors

BUCKETS = 200_000  # vectors that the parts of all words share in fastText; gensim's two million take a gigabyte


def train_word2vec(job: Job[Gensim], evaluate: Evaluation) -> WordVectors:
    """Train skip-gram or CBOW vectors, each (V, embedding size); the vectors of words without a training row are zero.

    gensim reads the rows from a text file, with one thread, so that runs repeat exactly. `evaluate` gets the vectors of
    each epoch.
    """
    start = time.process_time()
    settings, sequences = job.settings, Sequences(job.database)
    vocabulary, counts = sequences.vocabulary, sequences.word_counts("train")
    counts[vocabulary.unknown] = 0
    words = int(counts.sum())
    names = gensim_names(settings, vocabulary)
    watch = _Epochs(job, names, words, evaluate)
    model = make_gensim_model(settings, names, counts, job.seed)
    with scratch_directory(job.folder) as scratch:
        write_rows(scratch / "rows.txt", rows_of(sequences), names, counts)
        prepared = time.process_time() - start
        model.train(corpus_file=str(scratch / "rows.txt"), total_words=words, epochs=settings.epochs, callbacks=[watch])
    trained = round(settings.epochs * (counts * keep_chances(counts, settings.subsample)).sum())
    figures = {
        "words_read": settings.epochs * words,
        "words_trained": trained,
        "tokens_per_second": trained / watch.seconds,
        "start_cpu_seconds": prepared,
        "cpu_seconds": prepared + watch.cpu_seconds,
    }
    return WordVectors(*gensim_vectors(model, names), figures, watch.epochs)


def gensim_names(settings: Gensim, vocabulary: Vocabulary) -> list[str]:
    """Return gensim's word for each id: the id as text, or, for fastText, which needs its letters, the word."""
    if settings.kind == "word2vec":
        return [str(id) for id in range(len(vocabulary))]
    return [*vocabulary.by_id[: vocabulary.unknown], UNKNOWN_MARK]


def make_gensim_model(settings: Gensim, names: list[str], counts: np.ndarray, seed: int) -> gensim.Word2Vec:
    """Return gensim's model, untrained, of the words with these `names` and `counts`, without those of count 0."""
    shared = {
        "vector_size": settings.embedding_size,
        "sg": int(settings.algorithm == "skipgram"),
        "window": settings.window,
        "sample": threshold(counts.sum(), settings.subsample),
        "alpha": settings.learning_rate,
        "min_count": 1,
        "workers": 1,
        "seed": seed,
    }
    if isinstance(settings, FastTextEntry):
        model = gensim.FastText(**shared, bucket=BUCKETS)
    else:
        model = gensim.Word2Vec(**shared)
    model.build_vocab_from_freq({names[id]: int(count) for id, count in enumerate(counts) if count})
    return model


def rows_of(sequences: Sequences) -> Iterator[np.ndarray]:
    """Yield the word ids of each training row."""
    for tokens, lengths in sequences.blocks("train"):
        yield from np.split(tokens, np.cumsum(lengths)[:-1])


def write_rows(path: Path, rows: Iterable[np.ndarray], names: list[str], counts: np.ndarray) -> None:
    """Write each row on a line, without words of count 0."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(" ".join(names[id] for id in row[counts[row] > 0].tolist()) + "\n")


def gensim_vectors(model: gensim.Word2Vec, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return gensim's input and output vectors by our ids."""
    id_of = {name: id for id, name in enumerate(names)}
    ids = [id_of[name] for name in model.wv.index_to_key]
    if isinstance(model, gensim.FastText):
        model.wv.adjust_vectors()  # which gensim does only after the last epoch
    inputs, outputs = (np.zeros((len(names), model.vector_size), np.float32) for _ in range(2))
    inputs[ids], outputs[ids] = model.wv.vectors, model.syn1neg
    return inputs, outputs


class _Epochs(CallbackAny2Vec):  # type: ignore[misc] # gensim has no types
    """Measures the time of each epoch, and evaluates its vectors."""

    def __init__(self, job: Job[Gensim], names: list[str], words: int, evaluate: Evaluation) -> None:
        self.name, self.names, self.words, self.evaluate = job.name, names, words, evaluate
        self.bar = progress(job.name, job.settings.epochs, "epoch")
        self.epochs: list[Metrics] = []
        self.seconds = self.cpu_seconds = 0.0

    def on_epoch_begin(self, model: gensim.Word2Vec) -> None:
        self.start = time.perf_counter(), time.process_time()

    def on_epoch_end(self, model: gensim.Word2Vec) -> None:
        clock, cpu = self.start
        self.seconds += time.perf_counter() - clock
        self.cpu_seconds += time.process_time() - cpu
        self.bar.update()
        number = len(self.epochs) + 1
        found = self.evaluate(f"{self.name}: epoch {number}", *gensim_vectors(model, self.names))
        self.epochs.append(found | {"words_read": number * self.words})

    def on_train_end(self, model: gensim.Word2Vec) -> None:
        self.bar.close()
