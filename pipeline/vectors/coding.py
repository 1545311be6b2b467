"""Matrices as text that JavaScript decodes."""

import base64

import numpy as np

from pipeline.records.vectors import CodedMatrix
from pipeline.vectors.scaling import largest, quantised


def coded(matrix: np.ndarray) -> CodedMatrix:
    """Return a matrix (rows, columns), or a column of values, in 8 bits; values that stand alone in a row are exact."""
    rows = matrix.reshape(len(matrix), -1)
    parts = (base64.b64encode(own.tobytes()).decode("ascii") for own in (largest(rows), quantised(rows)))
    return CodedMatrix(**dict(zip(("largest", "shares"), parts, strict=True)))
