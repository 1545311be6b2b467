"""Which words of a text an embedding is trained on: UNKNOWN may be dropped, and frequent words thinned."""

import numpy as np

from pipeline.store.vocabulary import WORDS
from pipeline.training.vector_settings import Text


def keep_chances(counts: np.ndarray, text: Text) -> np.ndarray:
    """The chance (V,) that an occurrence of each word is kept, by its counts (V,) in the training rows.

    A word of frequency f is kept with sqrt(t / f) + t / f, at most 1, where t is `subsample`: word2vec's
    program (the paper, Mikolov et al. 2013b, has another formula).
    """
    chances = np.zeros(len(counts))
    chances[WORDS if text.unknown == "drop" else slice(None)] = 1
    read = counts * chances
    if text.subsample:
        excess = text.subsample * max(read.sum(), 1) / np.maximum(read, 1)
        chances *= np.minimum(np.sqrt(excess) + excess, 1)
    return chances


def thinned(tokens: np.ndarray, chances: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Which of the `tokens` (n,) are kept this time: (n,) of bool."""
    kept: np.ndarray = random.random(len(tokens), np.float32) < chances[tokens]
    return kept
