import resource
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from models import cross_entropy, softmax
from models.batch import IGNORED
from models.cross_entropy import softmax_loss
from models.recurrent.devices import keep_freed_memory
from models.sampled_softmax import SampledSoftmax, draw_distinct, expected_draws, inclusion
from models.softmax import AdaptiveSoftmax, Softmax

WORDS, SIZE = 50, 16
BLOCK = 60
COUNTS = torch.arange(WORDS) ** 2  # a word that never occurs, and the last one the most frequent, as UNKNOWN is


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in cross_entropy, softmax:
        monkeypatch.setattr(module, "block_size", lambda *_: BLOCK)


def some_rows(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """More than fit a block, every fifth target ignored."""
    draw = torch.Generator().manual_seed(0)
    hidden = torch.randn(4, 2 * BLOCK + 1, SIZE, generator=draw, dtype=dtype).requires_grad_()
    targets = torch.randint(0, WORDS, hidden.shape[:2], generator=draw)
    targets[:, ::5] = IGNORED
    return hidden, targets


def a_layer(kind: str = "exact", dtype: torch.dtype = torch.float64, **settings: Any) -> Any:
    torch.manual_seed(1)
    if kind == "exact":
        return Softmax(SIZE, WORDS, **settings).to(dtype)
    if kind == "sampled":
        return SampledSoftmax(SIZE, WORDS, **{"negatives": 10, "counts": COUNTS, **settings}).to(dtype)
    return AdaptiveSoftmax(SIZE, WORDS, cutoffs=[10, 30], **settings).to(dtype)


def plain(layer: Any, hidden: Tensor, targets: Tensor) -> Tensor:
    """The mean cross-entropy with all logits at once."""
    return F.cross_entropy(layer(hidden).flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def gradients(loss: Tensor, layer: Any, hidden: Tensor) -> tuple[Tensor, ...]:
    found = torch.autograd.grad(3 * loss, [hidden, *layer.parameters()])
    return tuple(gradient.to_dense() for gradient in found)  # a sampled softmax has sparse ones


def assert_same_loss(layer: Any, hidden: Tensor, loss: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(loss, expected, atol=1e-12, rtol=0)
    for one, other in zip(gradients(loss, layer, hidden), gradients(expected, layer, hidden), strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_the_loss_in_blocks_is_the_exact_one() -> None:
    (hidden, targets), layer = some_rows(), a_layer()
    assert_same_loss(layer, hidden, layer.loss(hidden, targets), plain(layer, hidden, targets))


@pytest.mark.parametrize("low", [False, True])
def test_logits_too_large_for_an_exponential_give_finite_losses(low: bool) -> None:
    layer = a_layer(dtype=torch.float32)
    layer.bias.data[0] = 1000
    loss = softmax_loss(torch.zeros(2, SIZE), torch.tensor([1, 1]), layer.weight, layer.bias, bfloat16=low)
    assert loss.item() == pytest.approx(87.3, abs=0.5)
    assert gradients(loss, layer, layer.bias)[-1][:2].tolist() == pytest.approx([3, -3])


@pytest.mark.parametrize("kind", ["exact", "sampled", "adaptive"])
@pytest.mark.parametrize("words", [WORDS, 10])  # for adaptive: with targets in every cluster, in none
def test_bfloat16_changes_a_loss_and_its_gradients_by_rounding_alone(
    kind: str, words: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in "softmax", "sampled_softmax":
        monkeypatch.setattr(f"models.{module}.multiplies_bfloat16", lambda device: True)
    (hidden, targets), found = some_rows(torch.float32), []
    targets = targets.masked_fill(targets >= words, IGNORED)
    for low in (True, False):
        layer = a_layer(kind, torch.float32, bfloat16=low)
        layer.bias.data[::7] += 8.015  # which bfloat16 would round by 0.015
        torch.manual_seed(2)
        loss = layer.loss(hidden, targets)
        found.append([loss, *gradients(loss, layer, hidden)])
    for one, other in zip(*found, strict=True):
        assert one.dtype == torch.float32
        assert (one - other).norm() <= 0.01 * other.norm()
    assert not found[0][0].equal(found[1][0])


@pytest.mark.parametrize("low", [False, True])
def test_rows_that_do_not_count_add_nothing(low: bool) -> None:
    """As a GPU gives them, which does not filter."""
    (hidden, targets), layer = some_rows(torch.float32), a_layer(dtype=torch.float32)
    rows, ids = hidden.flatten(0, 1), targets.flatten()
    counted = ids != IGNORED
    loss, expected = (
        softmax_loss(*pair, layer.weight, layer.bias, bfloat16=low)
        for pair in ((rows, ids), (rows[counted], ids[counted]))
    )
    torch.testing.assert_close(gradients(loss, layer, hidden), gradients(expected, layer, hidden), atol=1e-3, rtol=1e-2)
    loss = softmax_loss(rows, torch.full_like(ids, IGNORED), layer.weight, layer.bias, bfloat16=low)
    assert loss.item() == 0
    assert not any(grad.any() for grad in gradients(loss, layer, hidden))


@pytest.mark.parametrize("kind", ["exact", "sampled", "adaptive"])
def test_the_score_is_that_of_the_full_softmax(kind: str) -> None:
    (hidden, targets), layer = some_rows(), a_layer(kind)
    counted = targets != IGNORED
    loss, right, counts = layer.score(hidden, targets)
    assert len(loss) == counts.sum() == counted.sum()
    assert loss.mean().item() == pytest.approx(plain(layer, hidden, targets).item(), abs=1e-12)
    assert right.equal((layer(hidden).argmax(-1) == targets)[counted])
    assert right.any()


# With the second, most targets are among them; with the third, the loss is the exact one.
@pytest.mark.parametrize("negatives", [4, WORDS - 1, WORDS])
def test_a_sampled_loss_and_its_gradients_are_those_of_the_formula(negatives: int) -> None:
    (hidden, targets), layer = some_rows(), a_layer("sampled", negatives=negatives)
    torch.manual_seed(2)
    drawn = layer.draw()
    shifted = F.linear(hidden, layer.weight, layer.bias) - layer.log_chances
    own = F.one_hot(targets.clamp(min=0), WORDS).bool()
    sampled = torch.zeros(WORDS, dtype=torch.bool).index_fill(0, drawn, True)
    formula = F.cross_entropy(
        shifted.masked_fill(~(own | sampled), -torch.inf).flatten(0, 1), targets.flatten(), ignore_index=IGNORED
    )
    torch.manual_seed(2)
    assert_same_loss(layer, hidden, layer.loss(hidden, targets), formula)
    assert torch.autograd.grad(layer.loss(hidden, targets), layer.weight)[0].is_sparse
    if negatives == WORDS:
        assert not layer.log_chances.any()
        assert layer.cumulated is None  # one by one, the last word would take long to be drawn


def test_a_sampled_loss_starts_from_the_words_shares() -> None:
    expected = torch.tensor([1.0] + [3.0] * (WORDS - 1), dtype=torch.float64)
    layer = a_layer("sampled", counts=torch.tensor([0.0] + [3.0] * (WORDS - 1)))  # a word without a count counts as one
    chances = layer(torch.zeros(SIZE, dtype=torch.float64)).softmax(0)
    torch.testing.assert_close(chances, expected / expected.sum(), atol=1e-7, rtol=0)


@pytest.mark.parametrize("distinct", [1, 8, 29])
def test_distinct_draws_are_as_likely_as_those_of_multinomial_and_as_computed(distinct: int) -> None:
    torch.manual_seed(0)
    chances = torch.rand(30, dtype=torch.float64) ** 3
    chances /= chances.sum()
    drawn, peers = torch.zeros(30), torch.zeros(30)
    for _ in range(2000):
        ids = draw_distinct(chances.cumsum(0), distinct)
        assert len(ids) == distinct
        assert (ids.diff() > 0).all()
        drawn[ids] += 1
        peers[torch.multinomial(chances, distinct)] += 1
    expected = inclusion(chances, expected_draws(chances, distinct)).float()
    assert expected.sum().item() == pytest.approx(distinct, rel=1e-5)
    for found in drawn, peers:
        torch.testing.assert_close(found / 2000, expected, atol=0.05, rtol=0)


def test_an_adaptive_softmax_multiplies_the_chance_of_a_cluster_by_that_within_it() -> None:
    (hidden, _), layer = some_rows(), a_layer("adaptive")
    frequent, *rare, unknown = F.linear(hidden, layer.weight, layer.bias).split([10, 20, WORDS - 31, 1], -1)
    first = torch.softmax(torch.cat([frequent, layer.clusters(hidden), unknown], -1), -1)
    within = [first[..., 10 + number, None] * torch.softmax(each, -1) for number, each in enumerate(rare)]
    expected = torch.cat([first[..., :10], *within, first[..., -1:]], -1)
    torch.testing.assert_close(torch.softmax(layer(hidden), -1), expected)


@pytest.mark.parametrize("counted", [range(WORDS), range(10), range(10, 30), [WORDS - 1], []])
def test_an_adaptive_loss_and_its_gradients_are_those_of_its_distribution(counted: Sequence[int]) -> None:
    (hidden, targets), layer = some_rows(), a_layer("adaptive")
    targets = targets.where(torch.isin(targets, torch.tensor([*counted])), IGNORED)
    assert_same_loss(layer, hidden, layer.loss(hidden, targets), plain(layer, hidden, targets).nan_to_num())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("kind", ["exact", "sampled", "adaptive"])
def test_a_gpu_gives_the_same_loss_gradients_and_score(kind: str) -> None:
    settings: dict[str, Any] = {"negatives": WORDS} if kind == "sampled" else {}  # all of them: nothing is left to draw
    (hidden, targets), layer = some_rows(), a_layer(kind, **settings)
    loss, score = layer.loss(hidden, targets), layer.score(hidden, targets)
    expected = [loss, *gradients(loss, layer, hidden)]
    there, layer = hidden.detach().cuda().requires_grad_(), layer.cuda()
    loss = layer.loss(there, targets.cuda())
    for one, other in zip([loss, *gradients(loss, layer, there)], expected, strict=True):
        torch.testing.assert_close(one.cpu(), other)
    found = layer.score(there, targets.cuda())  # on a GPU, of all targets
    torch.testing.assert_close(found.loss[found.counts].cpu(), score.loss)
    assert found.right[found.counts].cpu().equal(score.right)


@pytest.mark.skipif(sys.platform != "linux", reason="counts the kernel's page faults")
def test_freed_memory_is_used_again() -> None:
    keep_freed_memory()
    torch.zeros(1 << 24)  # 64 MB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.zeros(1 << 24)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 1000
