import resource
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from models import losses, softmax
from models.batch import IGNORED
from models.losses import AdaptiveSoftmax, SampledSoftmax, Softmax
from models.recurrent.devices import keep_freed_memory
from models.sampled_softmax import draw_distinct, expected_draws, inclusion
from models.softmax import softmax_loss

WORDS, SIZE = 50, 16
BLOCK = 60
COUNTS = torch.arange(WORDS) ** 2  # a word that never occurs, and the last one the most frequent, as UNKNOWN is


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in softmax, losses:
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
    return torch.autograd.grad(3 * loss, [hidden, *layer.parameters()])


@pytest.mark.parametrize(("dtype", "close"), [(torch.float64, 1e-12), (torch.float32, 1e-6)])
def test_the_loss_in_blocks_is_the_exact_one(dtype: torch.dtype, close: float) -> None:
    (hidden, targets), layer = some_rows(dtype), a_layer(dtype=dtype)
    loss, expected = layer.loss(hidden, targets), plain(layer, hidden, targets)
    torch.testing.assert_close(loss, expected, atol=close, rtol=0)
    for one, other in zip(gradients(loss, layer, hidden), gradients(expected, layer, hidden), strict=True):
        torch.testing.assert_close(one, other, atol=close, rtol=0)


def test_the_loss_passes_gradcheck() -> None:
    hidden, targets = (
        torch.randn(3, 2, SIZE, dtype=torch.float64, requires_grad=True),
        torch.tensor([[1, 2], [IGNORED, 0], [1, 9]]),
    )
    layer = a_layer()
    assert torch.autograd.gradcheck(lambda hidden, *_: layer.loss(hidden, targets), (hidden, *layer.parameters()))


def test_logits_too_large_for_an_exponential_are_no_trouble() -> None:
    layer = a_layer(dtype=torch.float32)
    with torch.no_grad():
        layer.bias[0], layer.bias[1] = 1000, -1000
    hidden = torch.zeros(2, SIZE)
    assert layer.loss(hidden, torch.tensor([0, 1])).item() == pytest.approx(1000)


@pytest.mark.parametrize("uncounted", [False, True])
def test_bfloat16_changes_the_loss_and_its_gradients_by_rounding_alone(uncounted: bool) -> None:
    """With the targets that do not count among the rows, too, as a GPU has them."""
    (hidden, targets), layer = some_rows(torch.float32), a_layer(dtype=torch.float32)
    with torch.no_grad():
        layer.bias[::7] += 8.015  # which bfloat16 would round by 0.015
    expected = plain(layer, hidden, targets)
    rows, ids = hidden.flatten(0, 1), targets.flatten()
    if not uncounted:
        rows, ids = rows[ids != IGNORED], ids[ids != IGNORED]
    loss = softmax_loss(rows, ids, layer.weight, layer.bias, bfloat16=True)
    torch.testing.assert_close(loss, expected, atol=0, rtol=1e-3)
    for one, other in zip(gradients(loss, layer, hidden), gradients(expected, layer, hidden), strict=True):
        assert one.dtype == torch.float32
        assert F.cosine_similarity(one.flatten(), other.flatten(), 0) > 0.9999
        assert (one - other).norm() < 0.01 * other.norm()


@pytest.mark.parametrize("words", [WORDS, 10])  # with targets in every cluster, in none
def test_bfloat16_changes_an_adaptive_loss_by_rounding_alone(words: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.losses.multiplies_bfloat16", lambda device: True)
    (hidden, targets), layer = some_rows(torch.float32), a_layer("adaptive", torch.float32, bfloat16=True)
    targets = targets.masked_fill(targets >= words, IGNORED)
    loss, expected = layer.loss(hidden, targets), plain(layer, hidden, targets)
    torch.testing.assert_close(loss, expected, atol=0, rtol=1e-3)
    for one, other in zip(gradients(loss, layer, hidden), gradients(expected, layer, hidden), strict=True):
        assert (one - other).norm() <= 0.01 * other.norm()


def test_bfloat16_losses_that_no_number_has_are_large_and_finite() -> None:
    layer = a_layer(dtype=torch.float32)
    with torch.no_grad():
        layer.bias[0] = 1000
    loss = softmax_loss(torch.zeros(2, SIZE), torch.tensor([1, 1]), layer.weight, layer.bias, bfloat16=True)
    assert loss.item() == pytest.approx(87.3, abs=0.1)
    assert gradients(loss, layer, layer.bias)[-1][:2].tolist() == pytest.approx([3, -3])


@pytest.mark.parametrize("kind", ["exact", "sampled", "adaptive"])
def test_ignored_targets_count_nowhere(kind: str) -> None:
    (hidden, targets), layer = some_rows(), a_layer(kind)
    counted = targets != IGNORED
    torch.manual_seed(5)
    loss = layer.loss(hidden, targets)
    torch.manual_seed(5)
    torch.testing.assert_close(loss, layer.loss(hidden[counted], targets[counted]))
    (grad,) = torch.autograd.grad(loss, hidden)
    assert not grad[~counted].any()
    assert layer.score(hidden, targets).counts.sum() == counted.sum()


def test_the_loss_in_blocks_of_rows_that_do_not_count_is_zero() -> None:
    """As a GPU gives them, which does not filter."""
    (hidden, targets), layer = some_rows(), a_layer()
    loss = softmax_loss(hidden.flatten(0, 1), torch.full_like(targets.flatten(), IGNORED), layer.weight, layer.bias)
    assert loss.item() == 0
    assert not any(grad.any() for grad in gradients(loss, layer, hidden))


@pytest.mark.parametrize("kind", ["exact", "sampled", "adaptive"])
def test_the_score_is_that_of_the_full_softmax(kind: str) -> None:
    (hidden, targets), layer = some_rows(), a_layer(kind)
    scores, counted = layer(hidden), targets != IGNORED
    loss, right, counts = layer.score(hidden, targets)
    assert len(loss) == counts.sum() == counted.sum()
    assert loss.mean().item() == pytest.approx(plain(layer, hidden, targets).item(), abs=1e-12)
    assert right.equal((scores.argmax(-1) == targets)[counted])
    assert right.any()


def test_as_many_negatives_as_words_are_the_exact_loss() -> None:
    (hidden, targets), layer = some_rows(), a_layer("sampled", negatives=WORDS)
    loss, expected = layer.loss(hidden, targets), plain(layer, hidden, targets)
    torch.testing.assert_close(loss, expected, atol=1e-6, rtol=0)
    for one, other in zip(gradients(loss, layer, hidden), gradients(expected, layer, hidden), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=0)


@pytest.mark.parametrize("negatives", [4, WORDS - 1])  # with the latter, most targets are among them
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
    loss = layer.loss(hidden, targets)
    torch.testing.assert_close(loss, formula, atol=1e-12, rtol=0)
    for one, other in zip(gradients(loss, layer, hidden), gradients(formula, layer, hidden), strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_a_sampled_loss_learns_the_logits_of_the_full_softmax() -> None:
    """Biases alone, targets of known chances: they come to the logarithms of these, whatever the negatives' chances."""
    layer = a_layer("sampled", dtype=torch.float32, counts=torch.arange(5, 5 + WORDS))
    torch.manual_seed(0)
    chances = torch.softmax(torch.randn(WORDS), 0)
    hidden, mean = torch.zeros(500, SIZE), torch.zeros(WORDS)
    optimizer = torch.optim.Adam([layer.bias], lr=0.03)
    for step in range(1000):
        optimizer.zero_grad()
        layer.loss(hidden, torch.multinomial(chances, len(hidden), replacement=True)).backward()
        optimizer.step()
        mean += layer.bias.detach() * (step >= 500) / 500
    divergence = (chances * (chances.log() - torch.log_softmax(mean, 0))).sum()
    assert divergence < 0.015  # without the correction it is 0.08, of equal chances 0.5


def test_a_sampled_loss_starts_from_the_words_shares() -> None:
    layer = a_layer("sampled", counts=torch.tensor([0.0] + [3.0] * (WORDS - 1)))
    chances = layer(torch.zeros(SIZE, dtype=torch.float64)).softmax(0)
    expected = torch.tensor([1.0] + [3.0] * (WORDS - 1), dtype=torch.float64)  # a word without a count counts as one
    torch.testing.assert_close(chances, expected / expected.sum(), atol=1e-7, rtol=0)


def test_the_chance_to_be_drawn() -> None:
    torch.manual_seed(0)
    chances = torch.rand(30, dtype=torch.float64) ** 3
    chances /= chances.sum()
    drawn = torch.zeros(30)
    for _ in range(3000):
        drawn[torch.multinomial(chances, 8)] += 1
    found = inclusion(chances, expected_draws(chances, 8))
    assert found.sum().item() == pytest.approx(8)
    torch.testing.assert_close(drawn / 3000, found.float(), atol=0.04, rtol=0)


@pytest.mark.parametrize("distinct", [1, 8, 29])
def test_distinct_draws_are_as_likely_as_those_of_multinomial(distinct: int) -> None:
    torch.manual_seed(0)
    chances = torch.rand(30, dtype=torch.float64) ** 3
    drawn = torch.zeros(30)
    for _ in range(2000):
        ids = draw_distinct(chances.cumsum(0), distinct)
        assert len(ids) == distinct
        assert (ids.diff() > 0).all()
        drawn[ids] += 1
    chances /= chances.sum()
    expected = inclusion(chances, expected_draws(chances, distinct)).float()
    torch.testing.assert_close(drawn / 2000, expected, atol=0.05, rtol=0)


def test_all_words_are_never_drawn_one_by_one() -> None:
    assert expected_draws(torch.full((30,), 1 / 30), 30) == float("inf")
    assert a_layer("sampled", negatives=WORDS).cumulated is None
    assert a_layer("sampled", negatives=10).cumulated is not None


def test_bfloat16_changes_a_sampled_loss_by_rounding_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.losses.multiplies_bfloat16", lambda device: True)
    (hidden, targets), found = some_rows(torch.float32), []
    for low in (True, False):
        layer = a_layer("sampled", torch.float32, bfloat16=low)
        torch.manual_seed(2)
        loss = layer.loss(hidden, targets)
        found.append([loss, *gradients(loss, layer, hidden)])
    for one, other in zip(*found, strict=True):
        assert one.dtype == torch.float32
        assert 0 < (one - other).norm() <= 0.01 * other.norm()


def test_sparse_gradients_of_a_sampled_loss_are_the_dense_ones() -> None:
    (hidden, targets), found = some_rows(), []
    for sparse in (True, False):
        layer = a_layer("sampled", sparse=sparse)
        torch.manual_seed(2)
        found.append(gradients(layer.loss(hidden, targets), layer, hidden))
    assert found[0][1].is_sparse
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one.to_dense(), other, atol=1e-12, rtol=0)


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
    loss, expected = layer.loss(hidden, targets), plain(layer, hidden, targets).nan_to_num()
    torch.testing.assert_close(loss, expected)
    for one, other in zip(gradients(loss, layer, hidden), gradients(expected, layer, hidden), strict=True):
        torch.testing.assert_close(one, other)


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
