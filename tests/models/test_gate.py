"""A gate between a softmax and n-grams, in float64 against the formula."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from models.batch import IGNORED, Batch
from models.gate import OWN_WEIGHT, Gate
from models.softmax import AdaptiveSoftmax, Softmax

WORDS, SIZE, ROWS, TIME = 40, 6, 3, 5


class Uneven:
    """N-grams whose contexts are the seeds of their probabilities."""

    def after(self, contexts: Tensor) -> Tensor:
        random = [np.random.default_rng(context).random(WORDS) ** 4 for context in contexts.flatten().tolist()]
        return torch.from_numpy(np.stack([each / each.sum() for each in random]))

    def contexts(self, row: Sequence[int]) -> Tensor:
        return torch.arange(len(row) + 1)[:, None]


def a_case(kind: str) -> tuple[Softmax, Gate, Tensor, Batch]:
    torch.manual_seed(0)
    softmax = AdaptiveSoftmax(SIZE, WORDS, cutoffs=[10, 20]) if kind == "adaptive" else Softmax(SIZE, WORDS)
    hidden = torch.randn(ROWS, TIME, SIZE, dtype=torch.float64, requires_grad=True)
    targets, contexts = torch.randint(WORDS, (ROWS, TIME)), torch.arange(ROWS * TIME).view(ROWS, TIME, 1)
    targets[0, 2] = targets[2, 4] = IGNORED
    chances = Uneven().after(contexts).view(ROWS, TIME, WORDS).gather(2, targets.clamp(min=0)[..., None])[..., 0]
    return softmax.double(), Gate(SIZE).double(), hidden, Batch(targets, targets, None, chances.log(), contexts)


def losses(softmax: Softmax, gate: Gate, hidden: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """The mean cross-entropies of both together and of the softmax alone, by their formulas."""
    counts = batch.targets != IGNORED
    share, targets = gate(hidden[counts])[:, 0].sigmoid(), batch.targets[counts][:, None]
    own = softmax(hidden[counts]).softmax(1).gather(1, targets)[:, 0]
    assert batch.ngram_logs is not None
    both = share * batch.ngram_logs[counts].exp() + (1 - share) * own
    return -both.log().mean(), -own.log().mean()


@pytest.mark.parametrize("kind", ["exact", "adaptive"])
def test_the_loss_and_its_gradients_are_those_of_the_formula(kind: str) -> None:
    softmax, gate, hidden, batch = a_case(kind)
    weights = [hidden, *softmax.parameters(), *gate.parameters()]
    both, alone = losses(softmax, gate, hidden, batch)
    expected = torch.autograd.grad(both + OWN_WEIGHT * alone, weights)
    loss, minimized = gate.loss(softmax, hidden, batch)
    assert not loss.requires_grad
    torch.testing.assert_close(loss, both.detach(), atol=1e-12, rtol=0)
    for one, other in zip(torch.autograd.grad(minimized, weights), expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", ["exact", "adaptive"])
def test_the_score_is_that_of_the_mixed_probabilities_which_sum_to_one(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    softmax, gate, hidden, batch = a_case(kind)
    monkeypatch.setattr("models.gate.block_size", lambda *_: 4)
    both, _ = losses(softmax, gate, hidden, batch)
    score = gate.score(softmax, hidden, batch, Uneven())
    assert score.loss.mean().item() == pytest.approx(both.item(), abs=1e-12)
    assert batch.ngram_contexts is not None
    counts = batch.targets != IGNORED
    chances = gate.chances(softmax, hidden[counts], Uneven().after(batch.ngram_contexts[counts]))
    torch.testing.assert_close(chances.sum(1), torch.ones(len(chances), dtype=torch.float64))
    assert score.right.equal(chances.argmax(1) == batch.targets[counts])


def test_without_targets_the_loss_and_its_gradients_are_zero() -> None:
    softmax, gate, hidden, batch = a_case("exact")
    none = batch._replace(targets=torch.full_like(batch.targets, IGNORED))
    loss, minimized = gate.loss(softmax, hidden, none)
    assert loss.item() == minimized.item() == 0
    assert not any(grad.any() for grad in torch.autograd.grad(minimized, [hidden, softmax.weight, gate.weight]))
