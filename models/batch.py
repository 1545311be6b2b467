"""A batch of word ids and targets for a language model."""

from typing import NamedTuple

import torch
from torch import Tensor

IGNORED = -100  # a target that is not predicted: padding, or an END that was not drawn


class Batch(NamedTuple):
    """Word ids, each (batch, time) int64. `targets[:, t]` follows `inputs[:, t]`, or is `IGNORED`.

    Padding follows a sequence, and no earlier output depends on it, so inputs need no mask. In a stream each row
    continues where the same row of the last batch ended, except the `fresh` rows (batch,); if `fresh` is None, every
    row starts anew.
    """

    inputs: Tensor
    targets: Tensor
    fresh: Tensor | None = None

    def on(self, device: torch.device) -> "Batch":
        """Return the batch on a device. If this were called `to`, Lightning's own copies would wait for a GPU."""
        fresh = None if self.fresh is None else self.fresh.to(device)
        return Batch(self.inputs.to(device), self.targets.to(device), fresh)
