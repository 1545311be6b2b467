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

    A model with a gate to n-grams needs `ngram_logs` (batch, time), the logs of the probabilities that these give to
    the targets, and, except in training, `ngram_contexts` (batch, time, ...), by which they give those of all words.
    """

    inputs: Tensor
    targets: Tensor
    fresh: Tensor | None = None
    ngram_logs: Tensor | None = None
    ngram_contexts: Tensor | None = None

    def on(self, device: torch.device) -> "Batch":
        """Return the batch on a device. If this were called `to`, Lightning's own copies would wait for a GPU."""
        inputs, targets, *others = self
        return Batch(
            inputs.to(device), targets.to(device), *(each if each is None else each.to(device) for each in others)
        )
