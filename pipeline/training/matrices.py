"""What models that are trained for their vectors leave: a matrix of input vectors and one of output vectors."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from pipeline.run.console import Metrics
from pipeline.vectors.accuracy import google_accuracy

WORDS = slice(2, -1)  # of the ids: without START, END and UNKNOWN


class Matrices(NamedTuple):
    """Vectors by word id, each (V, dimensions): `inputs` of words that are read, `outputs` of words to predict."""

    inputs: np.ndarray
    outputs: np.ndarray


class Learnt(NamedTuple):
    """What a training left: the vectors, its figures, and those of each epoch, none where there are no epochs."""

    matrices: Matrices
    figures: Metrics
    epochs: list[Metrics]


def analogies_right(words: list[str], matrices: Matrices) -> float:
    """The share of Google's questions that the vectors of all ids' `words`, both side by side, answer by cosine."""
    return google_accuracy(words[WORDS], *(matrix[WORDS] for matrix in matrices))["total"]


def save_matrices(path: Path, matrices: Matrices) -> None:
    """Write them under the names that they have among a language model's weights."""
    named = {"embedding.weight": matrices.inputs, "output.weight": matrices.outputs}
    torch.save({name: torch.tensor(np.asarray(matrix, np.float32)) for name, matrix in named.items()}, path)


def write_analogies(learnt: Learnt, path: Path) -> None:
    """Write a table of the words read up to the end of each epoch, and the share of the analogies right then."""
    each = learnt.figures["words_read"] / len(learnt.epochs)
    rows = [f"{each * n:.0f}\t{figures['cosine_total']}" for n, figures in enumerate(learnt.epochs, start=1)]
    path.write_text("\n".join(["words\tcosine_total", *rows]) + "\n", encoding="utf-8")
