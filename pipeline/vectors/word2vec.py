"""Word vectors as files in word2vec's text format, which gensim and most tools read."""

from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

from pipeline.run.console import UserError


def save_vectors(path: Path, words: list[str], vectors: np.ndarray) -> None:
    """Write `words`, most frequent first, with their `vectors` (words, dimensions)."""
    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    keyed.save_word2vec_format(str(path), sort_attr=None)


def load_vectors(path: Path) -> tuple[list[str], np.ndarray]:
    """The words and float32 vectors of a file; raises `UserError` where it is not in word2vec format."""
    try:
        keyed = KeyedVectors.load_word2vec_format(str(path))
    except (ValueError, EOFError, OSError) as error:
        raise UserError(f"{path}: cannot be read as word2vec text: {error}") from None
    return keyed.index_to_key, keyed.vectors
