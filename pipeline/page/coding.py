"""Matrices in the page, as text that JavaScript decodes."""

import base64

import numpy as np

from pipeline.vectors.scaling import largest, quantised


def coded(matrix: np.ndarray) -> dict[str, str]:
    """Return a matrix (rows, columns), or a column of values, in 8 bits: each row's values are shares of its largest.

    Both `largest`, float32, and `shares` are in base64. Values that stand alone in their row are exact.
    """
    rows = matrix.reshape(len(matrix), -1)
    return {
        name: base64.b64encode(own.tobytes()).decode("ascii")
        for name, own in (("largest", largest(rows)), ("shares", quantised(rows)))
    }
