"""An output layer that is trained against sampled words: its hand-written gradients, and the draws of these words."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from models.batch import IGNORED
from models.recurrent.devices import multiplies_bfloat16
from models.rows import take_rows
from models.softmax import Softmax, counted


class SampledSoftmax(Softmax):
    """Trained on each target against `negatives` other words, the same for a whole batch (Jean et al. 2014).

    The negatives are distinct, drawn at each step in proportion to `counts` (words,) to the power 0.75 (Mikolov et al.
    2013). The log of the chance that a word is drawn is subtracted from its logit, so that the model learns the logits
    of the full softmax. A negative that is the target itself is left out. With as many negatives as words the loss is
    exact.

    On a CPU the gradient of the matrix is sparse (`take_rows`).
    """

    is_whole = False
    chances: Tensor
    log_chances: Tensor

    def __init__(
        self,
        hidden_size: int,
        words: int,
        *,
        negatives: int,
        counts: Tensor,
        bfloat16: bool = False,
    ) -> None:
        super().__init__(hidden_size, words, counts=counts, bfloat16=bfloat16)
        self.negatives = min(negatives, words)
        chances = counts.double().clamp(min=1) ** 0.75
        chances /= chances.sum()
        # Draws of nearly all words would repeat again and again.
        draws = expected_draws(chances, self.negatives)
        self.cumulated = chances.cumsum(0) if draws < words else None
        self.register_buffer("chances", chances.float(), persistent=False)
        self.register_buffer("log_chances", inclusion(chances, draws).log().float(), persistent=False)

    def draw(self) -> Tensor:
        """Draw the negatives of a step: (negatives,), sorted. A GPU would wait to count: it draws among all."""
        if self.cumulated is not None and self.weight.is_cpu:
            return draw_distinct(self.cumulated, self.negatives)
        return torch.multinomial(self.chances, self.negatives).sort().values

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Return the mean sampled cross-entropy of the targets in nats."""
        hidden, targets = counted(hidden, targets)
        counts = targets != IGNORED
        targets, drawn = targets.clamp(min=0), self.draw()
        among = drawn[torch.searchsorted(drawn, targets).clamp_(max=len(drawn) - 1)] == targets
        ids = torch.cat([targets, drawn])
        rows, biases = take_rows(self.weight, ids), self.bias[ids] - self.log_chances[ids]
        low = self.in_bfloat16 and multiplies_bfloat16(hidden.device)
        precision = torch.bfloat16 if low else rows.dtype
        loss: Tensor = _SampledLoss.apply(hidden, rows, biases, among, counts, precision)  # type: ignore[no-untyped-call]
        return loss


class _SampledLoss(torch.autograd.Function):
    """The negatives' softmax; the target joins it unless it is a negative itself.

    Takes hidden values (n, hidden size); the matrix's `rows` and biases, first of the n targets, then of the negatives;
    whether a target is `among` the negatives (n,); which targets count (n,); and the precision of products.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, rows: Tensor, biases: Tensor, among: Tensor, counts: Tensor, precision: torch.dtype
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
