"""Regularisers of AWD-LSTM (Merity, Keskar and Socher 2018): dropout, DropConnect and the activation penalty."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.recurrent.layers import RecurrentStack


class DropoutShares(NamedTuple):
    """The share of values dropped, by place; 0 drops none."""

    words: float = 0.0
    embedding: float = 0.0
    layers: float = 0.0
    output: float = 0.0
    weights: float = 0.0


class VariationalDropout(nn.Dropout1d):
    """Drops the same values (batch, time, size) at every step (Gal and Ghahramani 2016): one mask per row."""

    def forward(self, values: Tensor) -> Tensor:
        return super().forward(values.transpose(1, 2)).transpose(1, 2)


def dropped_hidden_weights(stack: RecurrentStack, share: float) -> dict[str, Tensor]:
    """Return the hidden-to-hidden matrices by name, with values dropped (DropConnect; Wan et al. 2013)."""
    return {name: weight * kept(weight, share) for name, weight in stack.hidden_weights().items()}


def kept(values: Tensor, share: float) -> Tensor:
    """Return a factor for each value: 0 for about a `share` of them; the others' factor keeps the mean.

    A byte is drawn for each value, so the share is rounded to a multiple of 1/256. On a CPU this takes a tenth of the
    time of `bernoulli_`.
    """
    bytes_kept = max(1, round(256 * (1 - share)))
    drawn = torch.empty(math.ceil(values.numel() / 8), dtype=torch.int64, device=values.device).random_(-(2**63), None)
    mask = drawn.view(torch.uint8)[: values.numel()].view(values.shape) <= bytes_kept - 1  # a byte is at most 255
    return mask.to(values.dtype).mul_(256 / bytes_kept)


def mean_square(values: Tensor, counts: Tensor | None = None) -> Tensor:
    """Return the mean square of hidden values (batch, time, size), for activation regularisation.

    The mean is over the steps that `counts` (batch, time) marks, or over all. Source: Merity, McCann and Socher 2017.
    """
    squares = values.square()
    return squares.mean() if counts is None else (squares.mean(2) * counts).sum() / counts.sum().clamp(min=1)
