"""The choice and the scale of a model's word vectors."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.settings.result_sections import Vectors, VectorScale


def word_vectors(matrices: Sequence[np.ndarray], scale: VectorScale) -> np.ndarray:
    """Return a model's matrix (words, D) on a `scale`, or several matrices joined, (words, D + E ...).

    Raw vectors are joined as they were trained. Centred ones have unit length in each matrix and then as a whole, so a
    cosine is the mean of the matrices' cosines. Compare D + E values with vectors of that size, not of size D.
    """
    if len(matrices) == 1:
        return scaled(matrices[0], scale)
    joined = np.hstack([scaled(matrix, scale) for matrix in matrices])
    return joined if scale == "raw" else unit_length(joined)


def part_names(chosen: Vectors) -> list[str]:
    """Return the names of the chosen matrices of a model: `input`, `output` or both."""
    return ["input", "output"] if chosen == "both" else [chosen]


def parts(matrices: Mapping[str, np.ndarray], chosen: Vectors) -> list[np.ndarray]:
    """Return the chosen matrices of a model."""
    return [matrices[name] for name in part_names(chosen)]


def scaled(vectors: np.ndarray, scale: VectorScale) -> np.ndarray:
    """Return `vectors` (words, D) as they are, or centred.

    Centred vectors have unit length, lose their mean over all words, and get unit length again. Without the direction
    that all words share, cosines separate words better (Mu and Viswanath, "All-but-the-Top", 2018).
    """
    if scale == "raw":
        return vectors
    unit = unit_length(vectors)
    return unit_length(unit - unit.mean(axis=0))


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Return the rows at length 1; rows of zeros stay."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms == 0, 1, norms)


def largest(vectors: np.ndarray) -> np.ndarray:
    """Return the largest magnitude of each row, float32 (rows, 1)."""
    found: np.ndarray = np.abs(vectors).max(axis=1, keepdims=True).astype("<f4")
    return found


def quantised(vectors: np.ndarray) -> np.ndarray:
    """Round each row (of words, dimensions) to integers of 8 bits; its largest magnitude becomes 127.

    This loses the row's length, which a cosine does not need.
    """
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    return np.rint(127 * vectors / np.where(largest == 0, 1, largest)).astype(np.int8)
