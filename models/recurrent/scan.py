"""The minimal GRU's fast paths, with a hand-written backward pass: a loop over time, and a parallel scan.

Its hidden values are a linear recurrence, h' = kept * h + taken, and so are their gradients, from the last step to the
first. No product needs a state, so one product computes the inputs of all steps. Tensors are (time, batch, features).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from models.recurrent.derivatives import Gradients, first_derivative_only
from models.recurrent.devices import without_autocast
from models.recurrent.reference import LayerState, Weights
from models.recurrent.steps import times_slope

Recurrence = Callable[[Tensor, Tensor, bool], Tensor]


def mingru(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "") -> tuple[Tensor, ...]:
    """Return the minimal GRU's values by a parallel scan: few operations, each on all steps."""
    return minimal_gru(inputs, state, weights, by_doubling)


def minimal_gru(inputs: Tensor, state: LayerState, weights: Weights, recurrence: Recurrence) -> tuple[Tensor, ...]:
    """Return the minimal GRU's values by one of the two recurrences below."""
    with without_autocast(inputs.device):
        wx, b = weights.input, weights.bias
        xs = inputs.transpose(0, 1).to(wx.dtype)
        rows = F.linear(xs, wx, b) if wx.dtype == b.dtype else F.linear(xs, wx) + b
        hs: Tensor = _MinGRU.apply(rows, *state, recurrence)  # type: ignore[no-untyped-call]
    return (hs.transpose(0, 1),)


def in_turn(taken: Tensor, kept: Tensor, backwards: bool = False) -> Tensor:
    """Return h[t + 1] = kept[t] * h[t] + taken[t + 1] for h[0] = taken[0], step by step, in place.

    `taken` is (time + 1, ...), `kept` (time, ...). The recurrence may run `backwards`, from the last value to the
    first.
    """
    values, shares = taken.unbind(0), kept.unbind(0)
    if backwards:
        values, shares = values[::-1], shares[::-1]
    h, *rest = values
    for share, value in zip(shares, rest, strict=True):
        h = value.addcmul_(share, h)
    return taken


def by_doubling(taken: Tensor, kept: Tensor, backwards: bool = False) -> Tensor:
    """Return the same in log2(time) passes over all steps; each pass doubles the steps that a value has summed.

    Source: Hillis and Steele 1986. Only shares from 0 to 1 are multiplied, and nothing is divided, so a product may
    underflow without harm.
    """
    if backwards:
        return by_doubling(taken.flip(0), kept.flip(0)).flip(0)
    reach = 1
    while reach < len(taken):
        taken = torch.cat([taken[:reach], torch.addcmul(taken[reach:], kept, taken[:-reach])])
        kept = kept[:-reach] * kept[reach:]
        reach *= 2
    return taken


class _MinGRU(torch.autograd.Function):
    """From the gates' and candidates' pre-activations, (time, batch, 2 x hidden size), to the hidden values."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, h0: Tensor, recurrence: Recurrence) -> Tensor:
        gates, candidates = rows.chunk(2, 2)
        z = gates.sigmoid()
        hs = torch.cat([h0[None], z * candidates])
        hs = recurrence(hs, 1 - z, False)
        ctx.recurrence = recurrence
        ctx.save_for_backward(rows, h0, hs, z, candidates)
        return hs[1:]

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, grad: Tensor) -> Gradients:
        _, _, hs, z, candidates = ctx.saved_tensors
        dhs = ctx.recurrence(torch.cat([torch.zeros_like(hs[:1]), grad]), 1 - z, True)
        d = hs.new_empty(*z.shape[:2], 2 * z.shape[2])
        dz, dc = d.chunk(2, 2)
        times_slope((candidates - hs[:-1]).mul_(dhs[1:]), "sigmoid", z, dz)
        torch.mul(z, dhs[1:], out=dc)
        return d, dhs[0], None
