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

    hidden is (n, hidden size), targets (n,), int64. Exact up to 87 nats a word, but holds the logits of one block of
    rows at a time. With `bfloat16`, products and probabilities are in that precision, and sums in float32.
    """
    precision = torch.bfloat16 if bfloat16 else weight.dtype
    loss: Tensor = _Loss.apply(hidden, targets, weight, bias, precision)  # type: ignore[no-untyped-call]
    return loss


class _Loss(torch.autograd.Function):
    """Computes the gradients together with the loss, while a block's probabilities exist.

    The bias is two more columns of the matrix, its value in the precision of the products and the rounding error, for
    hidden values of one. So the products add it and give its gradient without a pass over the logits.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, precision: torch.dtype
    ) -> Tensor:
        counts = (targets != IGNORED)[:, None]
        values = (F.pad(hidden, (0, EXTRA), value=1) * counts).to(precision)
        matrix = _with_bias(weight, bias, precision)
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
        own_losses = chance.clamp(min=torch.finfo(weight.dtype).tiny).log().neg()
        return (own_losses * counts).sum() * each

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        d_values, d_matrix, counts, each = ctx.saved_tensors
        share = grad * each
        d_hidden = d_values * (counts * share)
        return d_hidden, None, d_matrix[:, :-EXTRA] * share, d_matrix[:, -EXTRA] * share, None


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
