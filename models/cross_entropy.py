"""The cross-entropy of a softmax over all words, with hand-written gradients, a block of rows at a time."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from models.batch import IGNORED
from models.recurrent.devices import block_size

EXTRA = 8  # columns for the bias; two would do, but a GPU wants rows of whole 16 bytes


def softmax_loss(hidden: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, *, bfloat16: bool = False) -> Tensor:
    """Return the mean cross-entropy of the softmax of `hidden` weight^T + bias, in nats.

    hidden is (n, hidden size), targets (n,), int64. Exact, but holds the logits of one block of rows at a time. With
    `bfloat16`, products and probabilities are in that precision, sums in float32, and no word's loss exceeds 87 nats.
    """
    function = _BFloat16Loss if bfloat16 else _SoftmaxLoss
    loss: Tensor = function.apply(hidden, targets, weight, bias)  # type: ignore[no-untyped-call]
    return loss


class _SoftmaxLoss(torch.autograd.Function):
    """Computes the gradients together with the loss, while a block's probabilities exist."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, targets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        loss = hidden.new_zeros(())
        d_hidden, d_weight, d_bias = torch.empty_like(hidden), torch.zeros_like(weight), torch.zeros_like(bias)
        counts = targets != IGNORED
        share = counts.to(hidden.dtype) / counts.sum().clamp(min=1)
        per_row = hidden, d_hidden, targets.clamp(min=0)[:, None], share[:, None]
        block = block_size(len(hidden), len(weight), hidden.device)
        for rows, d_rows, ids, part in zip(*(tensor.split(block) for tensor in per_row), strict=True):
            logits = F.linear(rows, weight).add_(bias)
            own, top = logits.gather(1, ids), logits.amax(1, keepdim=True)
            chances = torch.softmax(logits, 1, out=logits)
            log_sum = top - chances.amax(1, keepdim=True).log()
            loss += ((log_sum - own) * part).sum()
            _subtract_one(chances, ids)  # now the logits' gradient
            d_bias.addmv_(chances.t(), part[:, 0])
            torch.mul(F.linear(chances, weight.t()), part, out=d_rows)
            d_weight.addmm_(chances.t(), rows * part)
        ctx.save_for_backward(d_hidden, d_weight, d_bias)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        d_hidden, d_weight, d_bias = ctx.saved_tensors
        return d_hidden * grad, None, d_weight * grad, d_bias * grad


class _BFloat16Loss(torch.autograd.Function):
    """The same in bfloat16.

    The bias is two more columns of the matrix, its value in bfloat16 and the rounding error, for hidden values of one.
    So the products add it and give its gradient without a pass over the logits.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, targets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        counts = (targets != IGNORED)[:, None]
        values = (F.pad(hidden, (0, EXTRA), value=1) * counts).bfloat16()
        matrix = _with_bias(weight, bias)
        chance, d_values = torch.empty_like(counts, dtype=weight.dtype), torch.empty_like(hidden)
        d_matrix = None
        per_row = values, targets.clamp(min=0)[:, None], chance, d_values
        block = block_size(len(hidden), len(weight), hidden.device)
        for rows, ids, own, d_rows in zip(*(tensor.split(block) for tensor in per_row), strict=True):
            logits = rows @ matrix.t()
            chances = torch.softmax(logits, 1, out=logits)
            own.copy_(chances.gather(1, ids))
            _subtract_one(chances, ids)  # now the logits' gradient
            d_rows.copy_((chances @ matrix)[:, :-EXTRA])
            product = chances.t() @ rows
            d_matrix = product.to(weight.dtype) if d_matrix is None else d_matrix.add_(product)
        each = counts.sum().clamp(min=1).to(weight.dtype).reciprocal()
        ctx.save_for_backward(d_values, d_matrix, counts, each)
        own_losses = chance.clamp(min=torch.finfo(torch.bfloat16).tiny).log().neg()
        return (own_losses * counts).sum() * each

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        d_values, d_matrix, counts, each = ctx.saved_tensors
        share = grad * each
        d_hidden = d_values * (counts * share)
        return d_hidden, None, d_matrix[:, :-EXTRA] * share, d_matrix[:, -EXTRA] * share


def _with_bias(weight: Tensor, bias: Tensor) -> Tensor:
    """Return a matrix and its bias in bfloat16: (words, hidden size + EXTRA)."""
    high = bias.bfloat16()
    low = (bias - high).bfloat16()
    return torch.cat([weight.bfloat16(), torch.stack([high, low], 1), high.new_zeros(len(bias), EXTRA - 2)], 1)


def _subtract_one(chances: Tensor, ids: Tensor) -> None:
    """Subtract one from each row's target."""
    chances[torch.arange(len(ids), device=ids.device), ids[:, 0]] -= 1
