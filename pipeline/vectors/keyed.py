"""Word vectors as gensim's object, whose import takes most of a second."""

from typing import Any

import numpy as np
from gensim.models import KeyedVectors


class KeyedWordVectors(KeyedVectors):
    """gensim's KeyedVectors, shown without an address in memory. A file that `save` writes has gensim's own."""

    def __repr__(self) -> str:
        return f"<wikilm word vectors: {len(self):,} words, {self.vector_size} values each>"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return object.__new__, (KeyedVectors,), vars(self)


def keyed_vectors(words: list[str], vectors: np.ndarray) -> KeyedWordVectors:
    """Return `words`, most frequent first, and their `vectors` (words, dimensions) as gensim's KeyedVectors."""
    keyed = KeyedWordVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    return keyed
