"""Output layers of a language model with their losses: exact, sampled and adaptive softmax.

Each has `loss`, which training lowers, and `score`, which evaluates by the full softmax over all words. Both take
hidden values (..., hidden size) and target word ids (...), int64; a target that is `IGNORED` counts nowhere. Where none
counts the loss is 0, and so are its gradients: that is what a process without words adds to the others'.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.batch import IGNORED
from models.derivatives import Gradients, first_derivative_only
from models.devices import block_size, multiplies_bfloat16, without_autocast
from models.softmax import softmax_loss


class Score(NamedTuple):
    """Of each target, (n,): its cross-entropy in nats, whether it is ranked first, and whether it counts."""

    loss: Tensor
    right: Tensor
    counts: Tensor


@torch.no_grad()
def score(layer: "Softmax | AdaptiveSoftmax", hidden: Tensor, targets: Tensor) -> Score:
    """Return how well the targets are predicted by a layer's logits or log-probabilities, a block of rows at a time.

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


class AdaptiveSoftmax(nn.Module):
    """Frequent words by themselves, rarer ones in clusters of shorter vectors (Grave et al. 2017).

    `counts` (words,) ranks the words; the `cutoffs` most frequent make the head and each further cluster, as in
    torch.nn.AdaptiveLogSoftmaxWithLoss. It is a softmax of its own: its loss is exact.
    """

    rank: Tensor

    def __init__(self, hidden_size: int, words: int, *, cutoffs: Sequence[int], counts: Tensor) -> None:
        super().__init__()
        self.words = words
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(hidden_size, words, list(cutoffs))
        self.register_buffer("rank", counts.argsort(descending=True, stable=True).argsort())

    def forward(self, hidden: Tensor) -> Tensor:
        """Log-probabilities of all words: (..., words)."""
        ranked: Tensor = self.softmax.log_prob(hidden.flatten(0, -2))
        by_word: Tensor = ranked[:, self.rank].unflatten(0, hidden.shape[:-1])
        return by_word

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy in nats."""
        hidden, targets = hidden.flatten(0, -2), targets.flatten()
        counts = targets != IGNORED  # torch's clusters read their sizes from the device, so it waits anyway
        likelihoods: Tensor = self.softmax(hidden[counts], self.rank[targets[counts]]).output
        loss = -likelihoods.sum() / counts.sum().clamp(min=1)
        for cluster in self.softmax.tail:  # torch skips one without targets, and other processes await its gradient
            loss = loss + cluster(hidden[:0]).sum()
        return loss

    score = score


def make_softmax(
    hidden_size: int, words: int, counts: Tensor | None, *, kind: str, bfloat16: bool = False, **settings: Any
) -> Softmax | AdaptiveSoftmax:
    """The output layer of a `kind`: exact, sampled or adaptive; the latter two want the words' `counts` (words,)."""
    if kind == "exact":
        return Softmax(hidden_size, words, bfloat16=bfloat16)
    if counts is None:
        raise ValueError(f"a softmax that is {kind} needs the counts of the words")
    layer = SampledSoftmax if kind == "sampled" else AdaptiveSoftmax
    return layer(hidden_size, words, counts=counts, **settings)


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
