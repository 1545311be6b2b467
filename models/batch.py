"""What a language model reads and predicts at a time."""

from typing import NamedTuple

from torch import Tensor

IGNORED = -100  # a target that is not predicted: padding, or an END that was not drawn


class Batch(NamedTuple):
    """Word ids, each (batch, time) int64. `targets[:, t]` follows `inputs[:, t]`, or is `IGNORED`.

    Padding stands behind a sequence, where no earlier output sees it, so inputs need no mask. In a stream each row
    continues where that row of the last batch ended, except the rows that are `fresh` (batch,); where that is None,
    every row starts anew. `scale` multiplies the learning rate (Merity et al. 2018: with the number of steps).
    """

    inputs: Tensor
    targets: Tensor
    fresh: Tensor | None = None
    scale: float = 1.0
