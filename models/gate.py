"""A gate between a network and counted n-grams: at each place the state of the network says whom to trust.

    p(w) = g q(w) + (1 - g) p'(w),    g = sigmoid(v h + b)

`q` are the probabilities of an n-gram model, `p'` those of the network's softmax, and `h` its last hidden values
(Neubig and Dyer 2016, "Generalizing and Hybridizing Count-based and Neural Language Models").
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.batch import IGNORED, Batch
from models.cross_entropy import Rival
from models.recurrent.devices import block_size
from models.softmax import Score, Softmax

OWN_WEIGHT = 0.5  # weight of the network's own cross-entropy: without it the n-grams take all weight from the start


class Distributions(Protocol):
    """N-grams that give a probability to every word after each of some contexts."""

    def after(self, contexts: Tensor) -> Tensor:
        """Return the probabilities (n, words) after contexts (n, ...) on a CPU."""

    def contexts(self, row: Sequence[int]) -> Tensor:
        """Return the contexts (n + 1, ...) before each of a row's n words, and after the last."""


class Parts(NamedTuple):
    """Log-probabilities (n, words) by a model and, if it has a gate, by its network and its n-grams alone.

    `gate` (n,) is the weight of the n-grams.
    """

    whole: Tensor
    network: Tensor | None = None
    ngrams: Tensor | None = None
    gate: Tensor | None = None


class Gate(nn.Linear):
    """Weighs n-grams against a softmax; a call returns the logits of `g`."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__(hidden_size, 1)

    def loss(self, softmax: Softmax, hidden: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the mean cross-entropy of both in nats, without gradients, and a value that has those to train by.

        The share that the network has in what both together give to a target weighs its cross-entropy, and is what the
        gate learns: the gradients are those of the cross-entropy of both and, times `OWN_WEIGHT`, of the network alone.
        """
        assert batch.ngram_logs is not None
        rows = (batch.targets.flatten() != IGNORED).nonzero()[:, 0]
        hidden, targets = hidden.flatten(0, -2).index_select(0, rows), batch.targets.flatten()[rows]
        log_odds = self(hidden)[:, 0]
        rival = (batch.ngram_logs.flatten()[rows] + log_odds).detach()
        loss, logs = softmax.weighted_loss(hidden, targets, Rival(rival, OWN_WEIGHT))
        wanted = F.binary_cross_entropy_with_logits(log_odds, (rival - logs).sigmoid(), reduction="sum")
        each = 1 / max(1, len(rows))
        both = F.softplus(log_odds.detach()) - torch.logaddexp(rival, logs)
        return both.sum() * each, loss + wanted * each

    @torch.no_grad()
    def chances(self, softmax: Softmax, hidden: Tensor, ngrams: Tensor) -> Tensor:
        """Return the probabilities of all words (n, words), given those by `ngrams`, which it overwrites."""
        share = self(hidden).sigmoid()
        logits = softmax(hidden)
        return torch.softmax(logits, 1, out=logits).mul_(1 - share).add_(ngrams.mul_(share))

    @torch.no_grad()
    def parts(self, softmax: Softmax, hidden: Tensor, ngrams: Tensor) -> Parts:
        """Return what each part gives to all words, given the probabilities by `ngrams` (n, words)."""
        log_odds, network, counted = self(hidden), torch.log_softmax(softmax(hidden), 1), ngrams.log()
        whole = torch.logaddexp(counted + F.logsigmoid(log_odds), network + F.logsigmoid(-log_odds))
        return Parts(whole, network, counted, log_odds[:, 0].sigmoid())

    @torch.no_grad()
    def score(self, softmax: Softmax, hidden: Tensor, batch: Batch, ngrams: Distributions) -> Score:
        """Return how well the targets that count are predicted, a block of rows at a time."""
        assert batch.ngram_contexts is not None
        rows = (batch.targets.flatten() != IGNORED).nonzero()[:, 0]
        losses, right = [hidden.new_zeros(0)], [rows[:0].bool()]
        for some in rows.split(block_size(len(rows), softmax.out_features, hidden.device)):
            counted = ngrams.after(batch.ngram_contexts.flatten(0, -2)[some].cpu()).to(hidden.device)
            chances, ids = self.chances(softmax, hidden.flatten(0, -2)[some], counted), batch.targets.flatten()[some]
            losses.append(-chances.gather(1, ids[:, None])[:, 0].log())
            right.append(chances.argmax(1) == ids)
        return Score(torch.cat(losses), torch.cat(right), torch.ones_like(rows, dtype=torch.bool))
