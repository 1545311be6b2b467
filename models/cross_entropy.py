"""The cross-entropy of a softmax over all words, with hand-written gradients, a block of rows at a time."""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from models.batch import IGNORED
from models.recurrent.devices import block_size

EXTRA = 8  # columns for the bias; two would do, but a GPU wants rows of whole 16 bytes


class Rival(NamedTuple):
    """Another prediction q of each target, which is mixed with the softmax's p: g q + (1 - g) p.

    `logs` (n,) are log q + log(g / (1 - g)). A target's weight in the loss is the softmax's share of the mixture,
    (1 - g) p / (g q + (1 - g) p), plus `alone`.
    """

    logs: Tensor
    alone: float


def softmax_loss(hidden: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, *, bfloat16: bool = False) -> Tensor:
    """Return the mean cross-entropy of the softmax of `hidden` weight^T + bias, in nats.

    hidden is (n, hidden size), targets (n,), int64. Exact up to 87 nats a word, but holds the logits of one block of
    rows at a time. With `bfloat16`, products and probabilities are in that precision, and sums in float32.
    """
    return weighted_loss(hidden, targets, weight, bias, bfloat16=bfloat16)[0]


def weighted_loss(
    hidden: Tensor,
    targets: Tensor,
    weight: Tensor,
    bias: Tensor,
    rival: Rival | None = None,
    *,
    bfloat16: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return the mean cross-entropy with the weights of a `rival`, and the targets' log-probabilities (n,).

    Only the mean has gradients, in which the weights are constants.
    """
    precision = torch.bfloat16 if bfloat16 else weight.dtype
    loss: tuple[Tensor, Tensor] = _Loss.apply(  # type: ignore[no-untyped-call]
        hidden, targets, weight, bias, precision, rival
    )
    return loss


@torch.no_grad()
def log_chances(hidden: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, *, bfloat16: bool = False) -> Tensor:
    """Return the targets' log-probabilities (n,), as `weighted_loss` does, without the products of gradients."""
    precision = torch.bfloat16 if bfloat16 else weight.dtype
    values, matrix = F.pad(hidden, (0, EXTRA), value=1).to(precision), _with_bias(weight, bias, precision)
    found = [hidden.new_zeros(0, 1)]
    block = block_size(len(hidden), len(weight), hidden.device)
    for rows, ids in zip(values.split(block), targets[:, None].split(block), strict=True):
        found.append(_log(torch.softmax(rows @ matrix.t(), 1).gather(1, ids).to(weight.dtype)))
    return torch.cat(found)[:, 0]


@torch.no_grad()
def log_probabilities(hidden: Tensor, targets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return the targets' log-probabilities (n,) in the precision of the weights, however small they are."""
    found = [hidden.new_zeros(0)]
    block = block_size(len(hidden), len(weight), hidden.device)
    for rows, ids in zip(hidden.split(block), targets[:, None].split(block), strict=True):
        logits = F.linear(rows, weight, bias)
        found.append(logits.gather(1, ids)[:, 0] - logits.logsumexp(1))
    return torch.cat(found)


class _Loss(torch.autograd.Function):
    """Computes the gradients together with the loss, while a block's probabilities exist.

    The bias is two more columns of the matrix, its value in the precision of the products and the rounding error, for
    hidden values of one. So the products add it and give its gradient without a pass over the logits.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        targets: Tensor,
        weight: Tensor,
        bias: Tensor,
        precision: torch.dtype,
        rival: Rival | None,
    ) -> tuple[Tensor, Tensor]:
        counts = (targets != IGNORED)[:, None]
        values = (F.pad(hidden, (0, EXTRA), value=1) * counts).to(precision)
        matrix = _with_bias(weight, bias, precision)
        chance, d_values = torch.empty_like(counts, dtype=weight.dtype), torch.empty_like(hidden)
        d_matrix = None
        shares = torch.ones_like(chance)
        against = shares if rival is None else rival.logs[:, None]
        per_row = values, targets.clamp(min=0)[:, None], chance, d_values, shares, against
        block = block_size(len(hidden), len(weight), hidden.device)
        for rows, ids, own, d_rows, share, other in zip(*(tensor.split(block) for tensor in per_row), strict=True):
            logits = rows @ matrix.t()
            chances = torch.softmax(logits, 1, out=logits)
            own.copy_(chances.gather(1, ids))
            _subtract_one(chances, ids)  # now the logits' gradient
            d_rows.copy_((chances @ matrix)[:, :-EXTRA])
            if rival is not None:
                share.copy_((_log(own) - other).sigmoid_().add_(rival.alone))
                d_rows.mul_(share)
                rows = rows * share.to(precision)
            product = chances.t() @ rows
            d_matrix = product.to(weight.dtype) if d_matrix is None else d_matrix.add_(product)
        each = counts.sum().clamp(min=1).to(weight.dtype).reciprocal()
        ctx.save_for_backward(d_values, d_matrix, counts, each)
        logs = _log(chance)[:, 0]
        ctx.mark_non_differentiable(logs)
        return (logs[:, None].neg() * shares * counts).sum() * each, logs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        d_values, d_matrix, counts, each = ctx.saved_tensors
        share = grad * each
        d_hidden = d_values * (counts * share)
        return d_hidden, None, d_matrix[:, :-EXTRA] * share, d_matrix[:, -EXTRA] * share, None, None


def _log(chances: Tensor) -> Tensor:
    return chances.clamp(min=torch.finfo(chances.dtype).tiny).log()


def _with_bias(weight: Tensor, bias: Tensor, precision: torch.dtype) -> Tensor:
    """Return a matrix and its bias in a precision: (words, hidden size + EXTRA)."""
    matrix = weight.new_zeros(len(weight), weight.shape[1] + EXTRA, dtype=precision)
    matrix[:, :-EXTRA] = weight
    matrix[:, -EXTRA] = bias
    matrix[:, 1 - EXTRA] = bias - matrix[:, -EXTRA]
    return matrix


def _subtract_one(chances: Tensor, ids: Tensor) -> None:
    """Subtract one from each row's target."""
    chances[torch.arange(len(ids), device=ids.device), ids[:, 0]] -= 1
