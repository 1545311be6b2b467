"""Which of a language model's matrices make its word vectors, and how those are scaled."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

Vectors = Literal["input", "output", "both"]
Scale = Literal["raw", "unit", "centred"]
SCALES: tuple[Scale, ...] = ("raw", "unit", "centred")


def word_vectors(matrices: Sequence[np.ndarray], scale: Scale) -> np.ndarray:
    """One of a model's matrices (words, D) on a `scale`; or several side by side, (words, D + E ...).

    Side by side, raw ones are as they were trained. On the other scales each is at unit length, so that it weighs as
    much as the others, and so are the whole rows: a cosine is the mean of those in each. Input and output vectors
    laid side by side have D + E values: compare them with vectors of as many, not of D.
    """
    if len(matrices) == 1:
        return scaled(matrices[0], scale)
    beside = np.hstack([scaled(matrix, scale) for matrix in matrices])
    return beside if scale == "raw" else unit_length(beside)


def parts(matrices: Mapping[str, np.ndarray], chosen: Vectors) -> list[np.ndarray]:
    """The `input` or the `output` matrix of a model, or both."""
    return [matrices["input"], matrices["output"]] if chosen == "both" else [matrices[chosen]]


def scaled(vectors: np.ndarray, scale: Scale) -> np.ndarray:
    """`vectors` (words, D) as they are, at unit length, or centred.

    Centred: at unit length, less their mean over all words, at unit length again. Without the direction that all
    words share, cosines tell them apart better (Mu and Viswanath, "All-but-the-Top", 2018, remove it first too);
    at unit length, the least Euclidean distance is the greatest cosine.
    """
    if scale == "raw":
        return vectors
    unit = unit_length(vectors)
    return unit if scale == "unit" else unit_length(unit - unit.mean(axis=0))


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Each row scaled to length 1; a row of zeros stays."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled_rows: np.ndarray = vectors / np.where(norms == 0, 1, norms)
    return scaled_rows
