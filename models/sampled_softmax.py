"""The cross-entropy of targets against sampled words, with hand-written gradients, and the draws of these words."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F


def sampled_loss(
    hidden: Tensor, rows: Tensor, biases: Tensor, among: Tensor, counts: Tensor, *, bfloat16: bool = False
) -> Tensor:
    """Return the mean cross-entropy in nats of each target against the same negatives.

    Takes hidden values (n, hidden size); the matrix's `rows` and biases, first of the n targets, then of the negatives;
    whether a target is `among` the negatives (n,); and which targets count (n,). With `bfloat16`, products are in that
    precision.
    """
    precision = torch.bfloat16 if bfloat16 else rows.dtype
    loss: Tensor = _SampledLoss.apply(hidden, rows, biases, among, counts, precision)  # type: ignore[no-untyped-call]
    return loss


class _SampledLoss(torch.autograd.Function):
    """The negatives' softmax; the target joins it unless it is a negative itself."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        rows: Tensor,
        biases: Tensor,
        among: Tensor,
        counts: Tensor,
        precision: torch.dtype,
    ) -> Tensor:
        n = len(hidden)
        values, negatives = hidden.to(precision), rows[n:].to(precision)
        logits = torch.mm(values, negatives.t()).to(rows.dtype).add_(biases[n:])
        target = (hidden * rows[:n]).sum(1).add_(biases[:n])
        top = logits.amax(1)
        chances = torch.softmax(logits, 1, out=logits)
        ahead = top - chances.amax(1).log() - target  # the log of the negatives' odds against the target
        share = counts.to(hidden.dtype) / counts.sum().clamp(min=1)
        wrong = ahead.sigmoid().masked_fill(among, 1) * share
        d_logits = chances.mul_(wrong[:, None]).to(precision)
        ctx.save_for_backward(hidden, rows, values, negatives, d_logits, wrong)
        return torch.where(among, ahead, -F.logsigmoid(-ahead)) @ share

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        hidden, rows, values, negatives, d_logits, wrong = ctx.saved_tensors
        n, d_target = len(hidden), (-grad * wrong)[:, None]
        d_hidden = torch.addcmul(torch.mm(d_logits, negatives) * grad, d_target, rows[:n])
        d_rows = torch.empty_like(rows)
        torch.mul(d_target, hidden, out=d_rows[:n])
        torch.mul(torch.mm(d_logits.t(), values), grad, out=d_rows[n:])
        d_biases = torch.cat([d_target[:, 0], d_logits.sum(0, dtype=rows.dtype) * grad])
        return d_hidden, d_rows, d_biases, None, None, None


def expected_draws(chances: Tensor, distinct: int) -> float:
    """Return about how many draws in proportion to `chances` (items,) find so many `distinct` items; infinite for all.

    Think of an exponential clock for each item, with its chance as rate: this is the time by which so many are expected
    to have rung.
    """
    if distinct >= len(chances):
        return float("inf")
    early, late = 0.0, 1.0
    while inclusion(chances, late).sum() < distinct:
        late *= 2
    for _ in range(60):
        middle = (early + late) / 2
        early, late = (middle, late) if inclusion(chances, middle).sum() < distinct else (early, middle)
    return late


def inclusion(chances: Tensor, draws: float) -> Tensor:
    """Return the chance of each item to be found by so many draws in proportion to `chances` (items,)."""
    return -torch.expm1(-chances * draws)


def draw_distinct(cumulated: Tensor, distinct: int) -> Tensor:
    """Draw so many `distinct` items one by one, by the cumulated chances (items,) of all, and sort them.

    An item that is drawn again is skipped, so the time hardly grows with the number of items.
    """
    drawn: dict[int, None] = {}
    while len(drawn) < distinct:
        places = torch.rand(2 * distinct, dtype=cumulated.dtype) * cumulated[-1]
        drawn |= dict.fromkeys(torch.searchsorted(cumulated, places, right=True).tolist())
    return torch.tensor([*drawn][:distinct]).sort().values
