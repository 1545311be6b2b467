"""What a training of word vectors returns, and how its vectors are evaluated meanwhile."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pipeline.run.console import Metrics

# Called with a label and the input and output vectors, each (V, dimensions); prints and returns their figures.
Evaluation = Callable[[str, np.ndarray, np.ndarray], Metrics]


class WordVectors(NamedTuple):
    """Input and output vectors by word id, each float32 (V, dimensions); the training's figures, and each epoch's."""

    inputs: np.ndarray
    outputs: np.ndarray
    figures: Metrics
    epochs: list[Metrics]
