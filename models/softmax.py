"""Output layers of a language model with their losses: exact and adaptive softmax.

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
from models.cross_entropy import Rival, log_chances, log_probabilities, weighted_loss
from models.recurrent.devices import block_size, multiplies_bfloat16


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

    is_whole = True  # whether the loss covers all words

    def __init__(self, hidden_size: int, words: int, *, counts: Tensor | None = None, bfloat16: bool = False) -> None:
        super().__init__(hidden_size, words)
        self.in_bfloat16 = bfloat16
        if counts is not None:
            counts = counts.double().clamp(min=1)
            with torch.no_grad():
                self.bias.copy_((counts / counts.sum()).log())

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy in nats."""
        return self.weighted_loss(*counted(hidden, targets))[0]

    def weighted_loss(self, hidden: Tensor, targets: Tensor, rival: Rival | None = None) -> tuple[Tensor, Tensor]:
        """Return the mean cross-entropy, weighted for a `rival`, and the log-probabilities of the targets (n,)."""
        low = self.in_bfloat16 and multiplies_bfloat16(hidden.device)
        return weighted_loss(hidden, targets, self.weight, self.bias, rival, bfloat16=low)

    @torch.no_grad()
    def log_probabilities(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Return the targets' log-probabilities (n,) in float32, without the logits of more words than it needs."""
        return log_probabilities(hidden, targets, self.weight, self.bias)

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
        return self.weighted_loss(hidden.index_select(0, rows), targets[rows])[0]

    def weighted_loss(self, hidden: Tensor, targets: Tensor, rival: Rival | None = None) -> tuple[Tensor, Tensor]:
        """Return the mean cross-entropy, weighted for a `rival`, and the log-probabilities of the targets (n,).

        All targets count.
        """
        low = self.in_bfloat16 and multiplies_bfloat16(hidden.device)
        first, weight, bias, parts = self._parts(hidden, targets)
        in_clusters = hidden.new_zeros(len(targets))  # logs of the targets' chances there
        if rival is not None:
            for rows, some, ids, own, own_bias in parts:
                in_clusters[rows] = log_chances(some, ids, own, own_bias, bfloat16=low)
        against = rival and Rival(rival.logs - in_clusters, rival.alone)
        loss, logs = weighted_loss(hidden, first, weight, bias, against, bfloat16=low)
        found = logs.clone()
        for rows, some, ids, own, own_bias in parts:
            against = rival and Rival((rival.logs - logs)[rows], rival.alone)
            part, within = weighted_loss(some, ids, own, own_bias, against, bfloat16=low)
            loss = loss + part * (len(rows) / max(1, len(targets)))
            found[rows] += within
        return loss, found

    @torch.no_grad()
    def log_probabilities(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Return the targets' log-probabilities (n,) in float32."""
        first, weight, bias, parts = self._parts(hidden, targets)
        found = log_probabilities(hidden, first, weight, bias)
        for rows, some, ids, own, own_bias in parts:
            found[rows] += log_probabilities(some, ids, own, own_bias)
        return found

    def _parts(self, hidden: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor, list[tuple[Tensor, ...]]]:
        """Return the softmax over frequent words and clusters, and those within clusters.

        The first has targets, a weight and a bias; the others also rows, and the hidden values there.
        """
        weights, biases = self.weight.split(self.sizes), self.bias.split(self.sizes)
        cluster = torch.bucketize(targets, self.cutoffs, right=True)  # 0: a frequent word; the last: UNKNOWN
        first = torch.where(cluster == 0, targets, self.sizes[0] + cluster - 1)
        weight = torch.cat([weights[0], self.clusters.weight, weights[-1]])
        bias = torch.cat([biases[0], self.clusters.bias, biases[-1]])
        parts: list[tuple[Tensor, ...]] = []
        for number, (own, own_bias) in enumerate(zip(weights[1:-1], biases[1:-1], strict=True), 1):
            rows = (cluster == number).nonzero()[:, 0]
            parts.append((rows, hidden.index_select(0, rows), targets[rows] - self.cutoffs[number - 1], own, own_bias))
        return first, weight, bias, parts


def make_softmax(
    hidden_size: int, words: int, counts: Tensor | None, *, kind: str, bfloat16: bool = False, **settings: Any
) -> Softmax:
    """Return the output layer of a `kind`, exact or adaptive; the first may have the words' `counts` (words,)."""
    if kind == "adaptive":
        return AdaptiveSoftmax(hidden_size, words, bfloat16=bfloat16, **settings)
    return Softmax(hidden_size, words, bfloat16=bfloat16, counts=counts)


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
