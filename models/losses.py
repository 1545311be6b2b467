"""Output layers of a language model with their losses: exact, sampled and adaptive softmax.

Each has `loss`, which training lowers, and `score`, which evaluates by the full softmax over all words. Both take
hidden values (..., hidden size) and target word ids (...), int64; a target that is `IGNORED` counts nowhere. Where none
counts the loss is 0, and so are its gradients: that is what a process without words adds to the others'.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.batch import IGNORED
from models.recurrent.derivatives import Gradients, first_derivative_only
from models.recurrent.devices import block_size, multiplies_bfloat16, without_autocast
from models.softmax import softmax_loss


class Score(NamedTuple):
    """Of each target, (n,): its cross-entropy in nats, whether it is ranked first, and whether it counts."""

    loss: Tensor
    right: Tensor
    counts: Tensor


@torch.no_grad()
def score(layer: "Softmax", hidden: Tensor, targets: Tensor) -> Score:
    """Return how well the targets are predicted by a layer's logits, a block of rows at a time.

    On a CPU only targets that count are scored.
    """
    hidden, targets = counted(hidden, targets)
    losses, right = [], []
    block = block_size(len(hidden), layer.words, hidden.device)
    for rows, ids in zip(hidden.split(block), targets.split(block), strict=True):
        logits = layer(rows)
        losses.append(F.cross_entropy(logits, ids, ignore_index=IGNORED, reduction="none"))
        right.append(logits.argmax(1) == ids)
    return Score(torch.cat(losses), torch.cat(right), targets != IGNORED)


class Softmax(nn.Linear):
    """The exact softmax over all words; called, it gives their logits, (..., words).

    With `bfloat16`, the products of the loss are taken in that precision where the hardware multiplies it.
    """

    def __init__(self, hidden_size: int, words: int, *, bfloat16: bool = False) -> None:
        super().__init__(hidden_size, words)
        self.words = words
        self.in_bfloat16 = bfloat16

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy in nats."""
        low = self.in_bfloat16 and multiplies_bfloat16(hidden.device)
        return softmax_loss(*counted(hidden, targets), self.weight, self.bias, bfloat16=low)

    score = score


class SampledSoftmax(Softmax):
    """Trained on each target beside `negatives` other words, the same for a whole batch (Jean et al. 2014).

    The negatives are distinct, drawn at each step in proportion to `counts` (words,) to the power 0.75 (Mikolov et al.
    2013). From each logit goes the log of the chance that its word is drawn, so that what is learnt are the logits of
    the full softmax; a negative that is the target itself is left out. As many negatives as words: the exact loss.
    """

    chances: Tensor
    log_chances: Tensor

    def __init__(self, hidden_size: int, words: int, *, negatives: int, counts: Tensor) -> None:
        super().__init__(hidden_size, words)
        self.negatives = min(negatives, words)
        chances = counts.double().clamp(min=1) ** 0.75
        chances /= chances.sum()
        self.register_buffer("chances", chances.float(), persistent=False)
        self.register_buffer("log_chances", inclusion(chances, self.negatives).log().float(), persistent=False)

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """The mean over the targets of their sampled cross-entropy in nats."""
        hidden, targets = counted(hidden, targets)
        counts = targets != IGNORED
        targets = targets.clamp(min=0)
        drawn = torch.multinomial(self.chances, self.negatives)
        column = torch.zeros_like(self.log_chances, dtype=torch.int64)
        column[drawn] = torch.arange(1, self.negatives + 1, device=drawn.device)
        own = column[targets]  # of the target among the negatives; 0, the target's own place, if it is not there
        ids = torch.cat([targets, drawn])
        rows, biases = F.embedding(ids, self.weight), self.bias[ids] - self.log_chances[ids]
        with without_autocast(hidden.device):
            hidden = hidden.to(rows.dtype)
            loss: Tensor = _SampledLoss.apply(hidden, rows, biases, own, counts)  # type: ignore[no-untyped-call]
        return loss


class AdaptiveSoftmax(Softmax):
    """First among the frequent words and clusters of rarer ones, then within a cluster (Grave et al. 2017).

    `cutoffs` are the numbers of words before each cluster. Word ids go from frequent to rare, except the last, UNKNOWN,
    which counts among the frequent. All words have vectors of full length, unlike in the paper, so that an embedding
    can share the matrix. It is a softmax of its own: its loss is exact.
    """

    cutoffs: Tensor

    def __init__(self, hidden_size: int, words: int, *, cutoffs: Sequence[int], bfloat16: bool = False) -> None:
        super().__init__(hidden_size, words, bfloat16=bfloat16)
        if cutoffs[-1] >= words - 1:
            raise ValueError(
                f"loss.cutoffs is {[*cutoffs]}; it must stay below {words - 1}: the vocabulary has {words} words"
            )
        self.clusters = nn.Linear(hidden_size, len(cutoffs))
        self.sizes = [end - start for start, end in pairwise([0, *cutoffs, words - 1, words])]
        self.register_buffer("cutoffs", torch.tensor([*cutoffs, words - 1]), persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """The logits of all words, (..., words), whose softmax is the distribution."""
        frequent, *rare, unknown = super().forward(hidden).split(self.sizes, -1)
        chances = self.clusters(hidden).split(1, -1)
        within = [chance + logits.log_softmax(-1) for chance, logits in zip(chances, rare, strict=True)]
        return torch.cat([frequent, *within, unknown], -1)

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy in nats."""
        hidden, targets = hidden.flatten(0, -2), targets.flatten()
        rows = (targets != IGNORED).nonzero()[:, 0]  # a GPU waits for these and for each cluster's
        hidden, targets = hidden.index_select(0, rows), targets[rows]
        low = self.in_bfloat16 and multiplies_bfloat16(hidden.device)
        weights, biases = self.weight.split(self.sizes), self.bias.split(self.sizes)
        cluster = torch.bucketize(targets, self.cutoffs, right=True)  # 0: a frequent word; the last: UNKNOWN
        first = torch.where(cluster == 0, targets, self.sizes[0] + cluster - 1)
        weight = torch.cat([weights[0], self.clusters.weight, weights[-1]])
        bias = torch.cat([biases[0], self.clusters.bias, biases[-1]])
        loss = softmax_loss(hidden, first, weight, bias, bfloat16=low)
        for number, (weight, bias) in enumerate(zip(weights[1:-1], biases[1:-1], strict=True), 1):
            rows = (cluster == number).nonzero()[:, 0]
            within = targets[rows] - self.cutoffs[number - 1]
            part = softmax_loss(hidden.index_select(0, rows), within, weight, bias, bfloat16=low)
            loss = loss + part * (len(rows) / max(1, len(targets)))
        return loss


def make_softmax(
    hidden_size: int, words: int, counts: Tensor | None, *, kind: str, bfloat16: bool = False, **settings: Any
) -> Softmax:
    """The output layer of a `kind`: exact, sampled or adaptive; a sampled one wants the words' `counts` (words,)."""
    if kind == "exact":
        return Softmax(hidden_size, words, bfloat16=bfloat16)
    if kind == "adaptive":
        return AdaptiveSoftmax(hidden_size, words, bfloat16=bfloat16, **settings)
    if counts is None:
        raise ValueError(f"a softmax that is {kind} needs the counts of the words")
    return SampledSoftmax(hidden_size, words, counts=counts, **settings)


class _SampledLoss(torch.autograd.Function):
    """The mean cross-entropy of each target beside the same negatives, with its gradients.

    Takes hidden values (n, hidden size); of n targets, then of the negatives, the matrix's `rows` and biases;
    the column in which a target is among the negatives (0: in none); and which targets count.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, rows: Tensor, biases: Tensor, own: Tensor, counts: Tensor) -> Tensor:
        n = len(hidden)
        logits = hidden.new_empty(n, 1 + len(rows) - n)
        torch.addmm(biases[n:], hidden, rows[n:].t(), out=logits[:, 1:])
        target = (hidden * rows[:n]).sum(1).add_(biases[:n])
        logits.scatter_(1, own[:, None], -torch.inf)
        logits[:, 0] = target
        top = logits.amax(1, keepdim=True)
        logits.sub_(top).exp_()
        total = logits.sum(1, keepdim=True)
        share = counts.to(hidden.dtype) / counts.sum().clamp(min=1)
        loss = ((total.log() + top)[:, 0] - target) @ share
        chances = logits.div_(total)
        chances[:, 0] -= 1  # now the logits' gradient
        ctx.save_for_backward(hidden, rows, biases, chances.mul_(share[:, None]))
        return loss

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, grad: Tensor) -> Gradients:
        hidden, rows, _, d_logits = ctx.saved_tensors
        n, d_logits = len(hidden), d_logits * grad
        d_target, d_negatives = d_logits[:, :1], d_logits[:, 1:]
        d_hidden = torch.addmm(d_target * rows[:n], d_negatives, rows[n:])
        d_rows = torch.cat([d_target * hidden, d_negatives.t() @ hidden])
        return d_hidden, d_rows, torch.cat([d_target[:, 0], d_negatives.sum(0)]), None, None


def counted(hidden: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (n, hidden size) and targets (n,): those that count, or all on a GPU, which would wait to count them."""
    hidden, targets = hidden.flatten(0, -2), targets.flatten()
    if not hidden.is_cpu:
        return hidden, targets
    rows = (targets != IGNORED).nonzero()[:, 0]
    return hidden.index_select(0, rows), targets[rows]


def inclusion(chances: Tensor, draws: int) -> Tensor:
    """The chance of each item to be among `draws` distinct ones, drawn one by one in proportion to `chances`.

    Such draws are the first of exponential clocks with these rates, so the chance is about 1 - exp(-chance * time)
    at the time when as many are expected to have rung.
    """
    if draws >= len(chances):
        return torch.ones_like(chances)
    early, late = 0.0, 1.0
    while _rung(chances, late).sum() < draws:
        late *= 2
    for _ in range(60):
        middle = (early + late) / 2
        early, late = (middle, late) if _rung(chances, middle).sum() < draws else (early, middle)
    return _rung(chances, late)


def _rung(rates: Tensor, time: float) -> Tensor:
    return -torch.expm1(-rates * time)
