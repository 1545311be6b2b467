"""Vectors corrected by spelling: words that share parts come nearer to one another.

fastText (Bojanowski et al. 2017) learns the vectors of parts of words together with those of words. Here a ridge
regression finds them after the training, so they serve the vectors of every model, and cost seconds.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge
from sklearn.preprocessing import normalize

from pipeline.settings.result_sections import Form
from pipeline.vectors.scaling import unit_length, word_vectors
from pipeline.vectors.space import VectorSpace

LENGTHS = (3, 6)  # of a part in characters, as in fastText; a blank before and after the word counts as one
PENALTY = 3.0  # of the regression; 0.3, 1 and 10 answered fewer development questions for a recurrent model's vectors


def in_form(words: Sequence[str], matrices: Sequence[np.ndarray], form: Form) -> np.ndarray:
    """Return a model's matrix, or several joined, in a form: (words, dimensions)."""
    return spelled(words, word_vectors(matrices, "centred")) if form == "spelled" else word_vectors(matrices, form)


def spelled(words: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """Return vectors (words, dimensions) plus what spelling predicts of them, at unit length."""
    return unit_length(vectors + predicted(words, vectors))


def predicted(words: Sequence[str], vectors: np.ndarray, asked: Sequence[str] | None = None) -> np.ndarray:
    """Return what the parts of each word predict of its vector: the sum of the parts' vectors, (words, dimensions).

    Those are found by a ridge regression over all `words`, in which each word's parts weigh the same together. Parts of
    one word alone do not count. Takes about 100 bytes of memory for each part of each word, and a vector for each part.
    If other words are `asked`, theirs are returned, (asked, dimensions); of a word without a known part it is 0.
    """
    counter = CountVectorizer(analyzer="char_wb", ngram_range=LENGTHS, lowercase=False, binary=True, min_df=2)
    try:
        parts = normalize(counter.fit_transform(words).astype(vectors.dtype))
    except ValueError:  # no part is in two words
        return np.zeros((len(words if asked is None else asked), vectors.shape[1]), vectors.dtype)
    regression = Ridge(PENALTY, fit_intercept=False, solver="sparse_cg").fit(parts, vectors)
    if asked is not None:
        parts = normalize(counter.transform(asked).astype(vectors.dtype))
    found: np.ndarray = regression.predict(parts)
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
