"""Output layers of a language model with their losses: exact, sampled and adaptive softmax.

Each has `loss`, which training minimizes, and `score`, which evaluates by the full softmax over all words. Both take
hidden values (..., hidden size) and target word ids (...), int64. `IGNORED` targets do not count. If no target counts,
the loss and its gradients are 0.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.batch import IGNORED
from models.cross_entropy import softmax_loss
from models.recurrent.devices import block_size, multiplies_bfloat16
from models.rows import take_rows
from models.sampled_softmax import draw_distinct, expected_draws, inclusion, sampled_loss


class Score(NamedTuple):
    """The cross-entropy of each target, (n,), in nats; whether it is ranked first; whether it counts."""

    loss: Tensor
    right: Tensor
    counts: Tensor


class Softmax(nn.Linear):
    """The exact softmax over all words; a call returns their logits, (..., words).

    With `bfloat16`, the products of the loss are taken in that precision where the hardware multiplies it.

    The biases start at the logs of the words' shares of `counts` (words,), if given. With random biases the vectors
    learn how frequent words are, which takes steps, and frequent words become similar to one another.
    """

    def __init__(self, hidden_size: int, words: int, *, counts: Tensor | None = None, bfloat16: bool = False) -> None:
        super().__init__(hidden_size, words)
        self.in_bfloat16 = bfloat16
        if counts is not None:
            counts = counts.double().clamp(min=1)
            with torch.no_grad():
                self.bias.copy_((counts / counts.sum()).log())

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy in nats."""
        low = self.in_bfloat16 and multiplies_bfloat16(hidden.device)
        return softmax_loss(*counted(hidden, targets), self.weight, self.bias, bfloat16=low)

    @torch.no_grad()
    def score(self, hidden: Tensor, targets: Tensor) -> Score:
        """Return how well the targets are predicted by the logits, a block of rows at a time.

        On a CPU only targets that count are scored.
        """
        hidden, targets = counted(hidden, targets)
        losses, right = [], []
        block = block_size(len(hidden), self.out_features, hidden.device)
        for rows, ids in zip(hidden.split(block), targets.split(block), strict=True):
            logits = self(rows)
            losses.append(F.cross_entropy(logits, ids, ignore_index=IGNORED, reduction="none"))
            right.append(logits.argmax(1) == ids)
        return Score(torch.cat(losses), torch.cat(right), targets != IGNORED)


class SampledSoftmax(Softmax):
    """Trained on each target against `negatives` other words, the same for a whole batch (Jean et al. 2014).

    The negatives are distinct, drawn at each step in proportion to `counts` (words,) to the power 0.75 (Mikolov et al.
    2013). The log of the chance that a word is drawn is subtracted from its logit, so that the model learns the logits
    of the full softmax. A negative that is the target itself is left out. With as many negatives as words the loss is
    exact.

    With `sparse`, the gradient of the matrix is sparse on a CPU (`take_rows`).
    """

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
        sparse: bool = False,
    ) -> None:
        super().__init__(hidden_size, words, counts=counts, bfloat16=bfloat16)
        self.negatives, self.sparse = min(negatives, words), sparse
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
        rows = take_rows(self.weight, ids) if self.sparse else F.embedding(ids, self.weight)
        low = self.in_bfloat16 and multiplies_bfloat16(hidden.device)
        return sampled_loss(hidden, rows, self.bias[ids] - self.log_chances[ids], among, counts, bfloat16=low)


class AdaptiveSoftmax(Softmax):
    """A softmax over the frequent words and clusters of rarer words, then within a cluster (Grave et al. 2017).

    `cutoffs` are the numbers of words before each cluster. Word ids go from frequent to rare, except the last, UNKNOWN,
    which is one of the frequent words. Unlike in the paper, all words have vectors of full length, so that an embedding
    can share the matrix. Its distribution is not the full softmax's; its own loss is exact.
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
        """Return the logits of all words, (..., words), whose softmax is the distribution."""
        frequent, *rare, unknown = super().forward(hidden).split(self.sizes, -1)
        chances = self.clusters(hidden).split(1, -1)
        within = [chance + logits.log_softmax(-1) for chance, logits in zip(chances, rare, strict=True)]
        return torch.cat([frequent, *within, unknown], -1)

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy in nats."""
        hidden, targets = hidden.flatten(0, -2), targets.flatten()
        rows = (targets != IGNORED).nonzero()[:, 0]  # a GPU waits for these, and for the rows of each cluster
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
    """Return the output layer of a `kind`: exact, sampled or adaptive.

    The first two may have the words' `counts` (words,); `sampled` needs them.
    """
    layers: dict[str, type[Softmax]] = {"exact": Softmax, "sampled": SampledSoftmax, "adaptive": AdaptiveSoftmax}
    if kind != "adaptive":
        settings["counts"] = counts
    return layers[kind](hidden_size, words, bfloat16=bfloat16, **settings)


def counted(hidden: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rows (n, hidden size) and targets (n,) that count; on a GPU all, because it would wait to count."""
    hidden, targets = hidden.flatten(0, -2), targets.flatten()
    if not hidden.is_cpu:
        return hidden, targets
    counts = targets != IGNORED
    if counts.all():
        return hidden, targets
    rows = counts.nonzero()[:, 0]
    return hidden.index_select(0, rows), targets[rows]
