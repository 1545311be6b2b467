"""Word vectors from counts: a factorisation of the pointwise mutual information of words and their neighbours.

They are a model, and save other models the first epochs, which start from them.

Method: Levy, Goldberg and Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings"
(2015): word2vec's window weights, smoothed contexts, and singular values to the power 1/2 on both sides.
"""

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from pipeline.batches.subsampling import keep_chances, thinned
from pipeline.run.console import Metrics, progress
from pipeline.run.section import Section
from pipeline.settings.model_sections import RecurrentModel
from pipeline.store.sequences import Sequences
from pipeline.training.job import Job

if TYPE_CHECKING:
    from models.language_model import RecurrentLanguageModel
    from pipeline.settings.vector_sections import EmbeddingEntry

SMOOTHING = 0.75  # the power of a context's count


class Counting(NamedTuple):
    """How vectors are counted: the settings of an entry of kind `svd`, with its defaults."""

    embedding_size: int
    subsample: float | None = None
    window: int = 5


def start_from_counts(
    job: "Job[RecurrentModel] | Job[EmbeddingEntry]",
    model: "RecurrentLanguageModel",
    sequences: Sequences,
    subsample: float | None,
    words: float = math.inf,
) -> float:
    """Let the vectors of `model` start from vectors of kind `svd`, if the job asks for it; return the CPU seconds.

    They are counted in so many `words` of the training rows.
    """
    if job.settings.start.kind != "svd":
        return 0.0
    size = max(model.get_parameter(f"{side}.weight").shape[1] for side in ("embedding", "output"))
    inputs, outputs, figures = count_vectors(job, Counting(size, subsample), sequences, words)
    import torch

    model.start_from(torch.from_numpy(inputs), torch.from_numpy(outputs))
    return figures["cpu_seconds"]


def count_vectors(
    job: Job[Section], settings: Counting, sequences: Sequences, words: float = math.inf
) -> tuple[np.ndarray, np.ndarray, Metrics]:
    """Return the vectors of words and of contexts, each (V, embedding size), zero if a word never occurs; and figures.

    They are counted in so many `words` of the training rows. Memory: the pairs that occur, at most V * V, with about 40
    bytes each at the peak. A small vocabulary has fewer directions than an embedding has values: the others are zero.
    """
    start, began = time.process_time(), time.perf_counter()
    pairs = count_pairs(job.name, sequences, settings, job.seed, words)
    size = min(settings.embedding_size, len(sequences.vocabulary))
    svd = TruncatedSVD(size, n_iter=4, random_state=job.seed)
    with np.errstate(invalid="ignore"):  # no variance, if no pair is informative
        scaled = svd.fit_transform(positive_information(pairs))
    # A singular value of zero has no direction.
    roots = np.sqrt(np.where(svd.singular_values_ > 0, svd.singular_values_, 1))
    # Zero the rows of unseen words: rounding leaves noise.
    occurs = pairs.sum(axis=1, dtype=np.float64)[:, None] > 0
    sides = scaled / roots, svd.components_.T * roots
    missing = (0, 0), (0, settings.embedding_size - size)
    inputs, outputs = (np.pad(side * occurs, missing).astype(np.float32) for side in sides)
    counts = sequences.word_counts("train")
    chances = keep_chances(counts, settings.subsample)
    trained = round((counts * chances).sum())
    figures = {
        "words_read": int(counts[chances > 0].sum()),
        "words_trained": trained,
        "tokens_per_second": trained / (time.perf_counter() - began),
        "cpu_seconds": time.process_time() - start,
    }
    return inputs, outputs, figures


def count_pairs(
    name: str, sequences: Sequences, settings: Counting, seed: int, words: float = math.inf
) -> sparse.csr_array:
    """Return how often each word occurs near each other word in so many `words`, (V, V) and symmetric.

    A neighbour at distance d counts (window - d + 1) / window, the share of word2vec's random windows that include it.
    """
    counts = sequences.word_counts("train")
    chances = keep_chances(counts, settings.subsample)
    random = np.random.default_rng(seed)
    total = sparse.csr_array((len(counts), len(counts)), dtype=np.float32)
    with progress(name, sequences.count("train"), "row") as bar:
        for tokens, lengths in sequences.blocks("train"):
            rows = np.repeat(np.arange(len(lengths)), lengths)
            kept = thinned(tokens, chances, random)
            tokens, rows = tokens[kept], rows[kept]
            total = total + _near(tokens, rows, settings.window, total.shape)
            bar.update(len(lengths))
            words -= lengths.sum()
            if words <= 0:
                break
    return total + total.T


def _near(tokens: np.ndarray, rows: np.ndarray, window: int, shape: tuple[int, int]) -> sparse.csr_array:
    """Return the weights of all pairs of `tokens` near each other in one of the `rows`, the earlier word first."""
    before, after, weights = [tokens[:0]], [tokens[:0]], [np.zeros(0, np.float32)]
    for distance in range(1, min(window, len(tokens) - 1) + 1):
        together = rows[:-distance] == rows[distance:]
        before.append(tokens[:-distance][together])
        after.append(tokens[distance:][together])
        weights.append(np.full(len(before[-1]), (window - distance + 1) / window, np.float32))
    pairs = np.concatenate(before), np.concatenate(after)
    return sparse.coo_array((np.concatenate(weights), pairs), shape).tocsr()


def positive_information(pairs: sparse.csr_array) -> sparse.csr_array:
    """Return the positive pointwise mutual information of each pair, with smoothed contexts, in the same shape."""
    of_word = pairs.sum(axis=1, dtype=np.float64)
    of_context = of_word**SMOOTHING
    of_context /= of_context.sum() or 1
    found = pairs.tocoo()
    word, context = found.coords
    information = np.log(found.data / (of_word[word] * of_context[context]))
    positive = information > 0
    known = information[positive].astype(np.float32)  # the factorisation takes twice the time in 64 bits
    return sparse.csr_array((known, (word[positive], context[positive])), pairs.shape)
