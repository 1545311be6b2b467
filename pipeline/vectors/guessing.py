"""Guesses of the vectors of unknown words from their spelling.

fastText (Bojanowski et al. 2017) learns the vectors of parts of words together with those of words. Here a ridge
regression finds them after the training, so they serve the vectors of every model, and cost seconds.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge
from sklearn.preprocessing import normalize

from pipeline.vectors.space import VectorSpace

LENGTHS = (3, 6)  # of a part in characters, as in fastText; a blank before and after the word counts as one
PENALTY = 3.0  # of the regression; 0.3, 1 and 10 answered fewer development questions for a recurrent model's vectors


def predicted(words: Sequence[str], vectors: np.ndarray, asked: Sequence[str]) -> np.ndarray:
    """Return what the parts of each `asked` word predict of its vector: the sum of the parts' vectors.

    The result is (asked, dimensions); the vector of a word without a known part is 0. A part is known if two of the
    `words` have it. The parts' vectors are found by a ridge regression on the words' `vectors` (words, dimensions), in
    which each word's parts weigh the same together. Takes about 100 bytes of memory for each part of each word, and a
    vector for each part.
    """
    counter = CountVectorizer(analyzer="char_wb", ngram_range=LENGTHS, lowercase=False, binary=True, min_df=2)
    try:
        parts = normalize(counter.fit_transform(words).astype(vectors.dtype))
    except ValueError:  # no part is in two words
        return np.zeros((len(asked), vectors.shape[1]), vectors.dtype)
    regression = Ridge(PENALTY, fit_intercept=False, solver="sparse_cg").fit(parts, vectors)
    found: np.ndarray = regression.predict(normalize(counter.transform(asked).astype(vectors.dtype)))
    return found.reshape(-1, vectors.shape[1])  # it is (words,) for one dimension


def with_guessed(space: VectorSpace, asked: Sequence[str]) -> VectorSpace:
    """Return `space` and, after its own words, each `asked` one that it lacks, with the vector that its parts predict.

    Words without a part that two known words have stay unknown.
    """
    new = [word for word in dict.fromkeys(asked) if word not in space.index]
    if not new:
        return space
    vectors = predicted(space.words, space.vectors, new)
    guessed = np.flatnonzero(vectors.any(axis=1))
    return VectorSpace([*space.words, *(new[i] for i in guessed)], np.vstack([space.vectors, vectors[guessed]]))
