import math

import pytest
import torch
from torch import Tensor

from models.adaptive import EPSILON, DynamicEvaluation, NeuralCache, gradient_rms
from models.batch import IGNORED, Batch
from models.language_model import LanguageModel

HIDDEN = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0]], dtype=torch.float64)
WORDS = torch.tensor([7, 8, 7, 7])


def a_model(**changes: object) -> LanguageModel:
    torch.manual_seed(0)
    settings = {"unit": "gru", "embedding_size": 4, "hidden_sizes": [4]} | changes
    return LanguageModel(6, **settings).double().eval()  # type: ignore[arg-type] # a mapping of mixed values


def a_batch(*words: int) -> Batch:
    line = torch.tensor([words])
    return Batch(line[:, :-1], line[:, 1:], torch.tensor([True]))


def weights_of(model: LanguageModel) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def rms_of(model: LanguageModel, *batches: Batch) -> dict[str, Tensor]:
    return gradient_rms(model, ((model.contexts(batch), batch.targets) for batch in batches))


def gradients_of(model: LanguageModel, batch: Batch) -> dict[str, Tensor]:
    """By the exact softmax, written out."""
    log_probabilities = torch.log_softmax(model.output(model(batch.inputs)[0]), -1)
    loss = -log_probabilities.gather(2, batch.targets[..., None]).mean()
    names, weights = zip(*model.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, weights), strict=True))


def test_a_cache_worked_out_by_hand() -> None:
    found = NeuralCache([9, 2], [0.0, 0.5]).read(HIDDEN, WORDS)
    assert found.shape == (2, 2, 4)
    assert found[..., 0].isnan().all()
    half = math.exp(0.5)
    # h . h_i is 0 of the second place; 1 and 1 of the third; 2, 0 and 2 of the fourth.
    assert found[0, 0, 1:].tolist() == pytest.approx([0, 1 / 2, 2 / 3])
    assert found[0, 1, 1:].tolist() == pytest.approx([0, 1 / 2, 2 * half**2 / (2 * half**2 + 1)])
    assert found[1, 0, 1:].tolist() == pytest.approx([0, 1 / 2, 1 / 2])
    assert found[1, 1, 1:].tolist() == pytest.approx([0, 1 / 2, half**2 / (half**2 + 1)])


@pytest.mark.parametrize("block", [1, 3, 8])
def test_a_cache_is_the_same_in_blocks_and_holds_no_more_than_its_size(block: int) -> None:
    torch.manual_seed(1)
    hidden, words = torch.randn(40, 3, dtype=torch.float64), torch.randint(4, (40,))
    cache, whole = NeuralCache([5, 12], [0.3, 2.0]), NeuralCache([5, 12], [0.3, 2.0]).read(hidden, words)
    pieces = [cache.read(*piece) for piece in zip(hidden.split(block), words.split(block), strict=True)]
    torch.testing.assert_close(torch.cat(pieces, -1), whole, equal_nan=True, atol=1e-12, rtol=0)
    assert cache.past is not None
    assert len(cache.past[0]) == len(cache.past[1]) == 12


def test_the_probabilities_of_a_cache_sum_to_one() -> None:
    torch.manual_seed(1)
    hidden, words = torch.randn(10, 3, dtype=torch.float64), torch.randint(4, (9,))
    each = [NeuralCache([5], [0.7]).read(hidden, torch.cat([words, torch.tensor([word])])) for word in range(4)]
    assert sum(found[0, 0, -1].item() for found in each) == pytest.approx(1)


def test_the_rms_is_of_the_gradients_of_each_batch() -> None:
    model, batches = a_model(), [a_batch(1, 2, 3, 4), a_batch(1, 4, 4), a_batch(2, 3, 2, 5)]
    found, each = rms_of(model, *batches), [gradients_of(model, batch) for batch in batches]
    assert set(found) == set(dict(model.named_parameters()))
    for name, value in found.items():
        expected = torch.stack([gradients[name] ** 2 for gradients in each]).mean(0).sqrt()
        torch.testing.assert_close(value, expected, atol=1e-10, rtol=0)


def test_frozen_weights_have_no_rms_and_stay() -> None:
    model, batch = a_model(), a_batch(1, 2, 3, 4)
    model.embedding.weight.requires_grad_(False)
    rms, before = rms_of(model, batch), weights_of(model)
    with DynamicEvaluation(model, rms, learning_rate=0.1, decay=0.1) as weights:
        weights.update(model.contexts(batch), batch.targets)
        changed = {name for name, weight in model.named_parameters() if not weight.equal(before[name])}
    assert "embedding.weight" not in rms
    assert changed == set(before) - {"embedding.weight"}


def test_two_updates_by_the_papers_formula() -> None:
    model, batches = a_model(), [a_batch(1, 2, 3, 4), a_batch(1, 4, 4)]
    first, rms = weights_of(model), rms_of(model, *batches)
    mean = torch.cat([value.flatten() for value in rms.values()]).mean()
    twin = a_model()
    with DynamicEvaluation(model, rms, learning_rate=0.01, decay=0.2) as weights:
        for batch in batches:
            gradients = gradients_of(twin, batch)
            weights.update(model.contexts(batch), batch.targets)
            with torch.no_grad():
                for name, weight in twin.named_parameters():
                    step = 0.01 * gradients[name] / (rms[name] + EPSILON * mean)
                    weight.add_((0.2 * rms[name] / mean).clamp(max=1) * (first[name] - weight) - step)
        for weight, expected in zip(model.parameters(), twin.parameters(), strict=True):
            torch.testing.assert_close(weight, expected, atol=1e-10, rtol=0)
            assert not weight.equal(first["embedding.weight"])
    assert all(weight.equal(first[name]) for name, weight in model.named_parameters())


def test_the_weights_come_back_after_an_error_too() -> None:
    model, batch = a_model(tie_weights=True), a_batch(1, 2, 3, 4)
    first, rms = weights_of(model), rms_of(model, batch)
    weights = DynamicEvaluation(model, rms, learning_rate=1.0, decay=0.0)
    hidden = model.contexts(batch)
    weights.update(hidden, batch.targets)
    assert not model.embedding.weight.equal(first["embedding.weight"])
    with pytest.raises(RuntimeError, match="second time"), weights:
        weights.update(hidden, batch.targets)
    assert all(weight.equal(first[name]) for name, weight in model.named_parameters())


@pytest.mark.parametrize(
    "loss",
    [{"kind": "sampled", "negatives": 2}, {"kind": "adaptive", "cutoffs": [2, 4]}],
    ids=lambda loss: loss["kind"],
)
def test_a_loss_of_another_kind_updates_by_the_cross_entropy_of_all_words(loss: dict[str, object]) -> None:
    model, batch = a_model(hidden_sizes=[16], loss=loss, counts=torch.ones(6)), a_batch(1, 2, 3, 4, 2, 3)
    rms = rms_of(model, batch)

    def loss_of() -> float:
        return float(model.output.score(model.contexts(batch), batch.targets).loss.mean())

    before = loss_of()
    again = rms_of(model, batch)
    assert all(again[name].equal(value) for name, value in rms.items())  # no words are sampled
    with DynamicEvaluation(model, rms, learning_rate=0.01, decay=0.0) as weights:
        weights.update(model.contexts(batch), batch.targets)
        assert loss_of() < before


def test_a_segment_without_targets_only_returns_towards_the_first_weights() -> None:
    model, batch = a_model(), a_batch(1, 2, 3, 4)
    rms, first = rms_of(model, batch), weights_of(model)
    nothing = batch._replace(targets=torch.full_like(batch.targets, IGNORED))
    with DynamicEvaluation(model, rms, learning_rate=0.1, decay=1e9) as weights:
        weights.update(model.contexts(batch), batch.targets)
        assert not weights_of(model)["output.bias"].equal(first["output.bias"])
        weights.update(model.contexts(nothing), nothing.targets)
        torch.testing.assert_close(weights_of(model)["output.bias"], first["output.bias"])


def test_a_block_without_targets_leaves_the_cache_as_it_is() -> None:
    cache = NeuralCache([4], [0.5])
    hidden, words = torch.randn(3, 2), torch.tensor([1, 2, 1])
    cache.read(hidden, words)
    assert cache.read(hidden[:0], words[:0]).shape == (1, 1, 0)
    assert cache.past is not None
    assert cache.past[1].equal(words)
