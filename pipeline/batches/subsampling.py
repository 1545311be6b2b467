"""Subsampling: which occurrences of frequent words are read. UNKNOWN is not read."""

import numpy as np

from pipeline.store.vocabulary import WORDS


def threshold(words: float, subsample: float | None) -> float:
    """Return the share above which a word of a text of so many `words` is thinned; 0: none is.

    The less text there is, the less can be spared: on a million words or fewer thinning above 0.001 was best for all
    kinds of vectors, on ten million above 0.0001; on 40 million 0.00006 to 0.0002 were equally good, and better than
    0.000027 (tables in the history of benchmarks/RESULTS.md).
    """
    return float(np.clip(1000 / max(words, 1), 7e-5, 1e-3)) if subsample is None else subsample


def keep_chances(counts: np.ndarray, subsample: float | None) -> np.ndarray:
    """Return the chance (V,) that an occurrence of each word is kept, from its counts (V,) in the training rows.

    A word of frequency f is kept with sqrt(t / f) + t / f, at most 1, where t is the `threshold`: word2vec's
    program (the paper, Mikolov et al. 2013b, has another formula).
    """
    chances = np.zeros(len(counts))
    chances[WORDS] = 1
    read = counts * chances
    if share := threshold(read.sum(), subsample):
        excess = share * read.sum() / np.maximum(read, 1)
        chances *= np.minimum(np.sqrt(excess) + excess, 1)
    return chances


def thinned(tokens: np.ndarray, chances: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw which of the `tokens` (n,) are kept: (n,) of bool."""
    kept: np.ndarray = random.random(len(tokens), np.float32) < chances[tokens]
    return kept
