import math
from typing import Any

import pytest
import torch
from torch import nn

from models.batch import IGNORED, Batch
from models.recurrent.layers import RecurrentStack
from models.recurrent.regularisers import dropped_hidden_weights, kept
from models.trainable import TrainableLanguageModel


def a_model(unit: Any = "gru", **changes: object) -> TrainableLanguageModel:
    torch.manual_seed(0)
    settings = {"embedding_size": 5, "hidden_sizes": [7, 6], "optimizer": "adam", "learning_rate": 0.01} | changes
    return TrainableLanguageModel(11, unit=unit, **settings)  # type: ignore[arg-type] # a mapping of mixed values


def logged(model: TrainableLanguageModel) -> dict[str, float]:
    """What the model logs from now on."""
    found: dict[str, float] = {}
    vars(model)["log"] = lambda name, value: found.update({name: value})
    return found


INPUTS = torch.tensor([[0, 3, 4, 5], [0, 6, 0, 0]])
TARGETS = torch.tensor([[3, 4, 5, 1], [6, IGNORED, IGNORED, IGNORED]])
LOSSES = [{"kind": "exact"}, {"kind": "adaptive", "cutoffs": [3, 6]}]


@pytest.mark.parametrize("unit", ["gru", "lstm", {"kind": "lstm", "mogrifier": 5}])
def test_a_stream_in_pieces_is_read_as_one_and_starts_anew_where_fresh(unit: Any) -> None:
    model = a_model(unit).double()
    words = torch.randint(2, 11, (2, 12))
    fresh = torch.tensor([[True, True], [False, True], [False, False]])
    pieces = [model.contexts(Batch(own, own, new)) for own, new in zip(words.split(4, 1), fresh, strict=True)]
    assert not any(part.requires_grad for layer in model._carried for part in layer)  # gradients end at their piece
    whole, anew, rest = (model(own)[0][0] for own in (words[:1], words[1:, :4], words[1:, 4:]))
    expected = torch.stack([whole, torch.cat([anew, rest])])
    torch.testing.assert_close(torch.cat(pieces, 1), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("place", ["embedding", "layers", "output"])
def test_dropout_drops_the_same_values_at_every_step(place: str) -> None:
    model = a_model(embedding_size=400, hidden_sizes=[400, 400], dropout={place: 0.25})
    masks: list[tuple[str, torch.Tensor]] = []
    dropout = {"embedding": model.embedding_dropout, "layers": model.layer_dropout, "output": model.output_dropout}
    for name, module in dropout.items():
        module.register_forward_hook(lambda _, inputs, output, name=name: masks.append((name, output / inputs[0])))
    words = torch.randint(2, 11, (3, 5))
    model.loss(Batch(words, words))
    for name, mask in masks:
        assert mask.std(dim=1).max() < 1e-6
        if name == place:
            torch.testing.assert_close(mask[mask != 0], torch.full_like(mask[mask != 0], 1 / 0.75))
            assert 0.7 < mask.count_nonzero() / mask.numel() < 0.8
            assert not mask[0, 0].equal(mask[1, 0])
        else:
            assert mask.equal(torch.ones_like(mask))
    assert {name for name, _ in masks} == set(dropout)
    model.eval()
    torch.testing.assert_close(model(INPUTS)[0], model(INPUTS)[0], atol=0, rtol=0)


@pytest.mark.parametrize("share", [0.003, 0.3, 0.5, 0.9999])
def test_a_share_of_the_weights_is_dropped_and_the_mean_stays(share: float) -> None:
    torch.manual_seed(0)
    factors = kept(torch.zeros(7, 100_001), share)
    assert (factors == 0).float().mean().item() == pytest.approx(share, abs=1 / 250)
    assert factors.mean().item() == pytest.approx(1, abs=0.001 if share < 0.9 else 0.1)
    assert factors.unique().numel() == 2
    assert kept(factors, 0.001).equal(torch.ones_like(factors))  # less than half a byte's share


@pytest.mark.parametrize("unit", ["gru", "mingru"])
def test_weight_dropout_drops_hidden_weights_alone_and_one_mask_a_batch(unit: str) -> None:
    model = a_model(unit, dropout={"weights": 0.5})
    weights = dropped_hidden_weights(model.recurrent, 0.5)
    assert len(weights) == (2 if unit == "gru" else 0)  # the minimal GRU has none
    for name, weight in weights.items():
        dropped, whole = weight == 0, model.recurrent.get_parameter(name)
        assert whole.shape in ((21, 7), (18, 6))
        torch.testing.assert_close(weight, whole.masked_fill(dropped, 0).mul(2))
        assert 0.3 < dropped.float().mean() < 0.7
    torch.manual_seed(1)
    hidden = model(INPUTS)[0]
    plain = RecurrentStack(unit, 5, [7, 6])
    torch.manual_seed(1)
    plain.load_state_dict(model.recurrent.state_dict() | dropped_hidden_weights(model.recurrent, 0.5))
    torch.testing.assert_close(hidden, plain(model.embedding(INPUTS))[0])
    hidden.sum().backward()
    assert all(parameter.grad is not None for parameter in model.recurrent.parameters())
    assert model.eval()(INPUTS)[0].equal(model(INPUTS)[0])


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss["kind"])
def test_a_batch_without_a_target_has_no_loss_no_penalty_and_no_gradient(loss: dict[str, object]) -> None:
    model = a_model(loss=loss, hidden_sizes=[7, 16], counts=torch.arange(11), activation_penalty=2.0)
    model.training_step(Batch(INPUTS, torch.full_like(TARGETS, IGNORED)), 0).backward()
    assert all(weight.grad is not None and not weight.grad.any() for weight in model.parameters())
    model.training_step(Batch(INPUTS, TARGETS), 1)  # whose mean it does not change
    found = logged(model)
    model.on_train_epoch_end()
    assert math.isfinite(found["train_loss"])
    assert set(found) == {"train_loss", "train_perplexity"}


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("tied", [False, True])
def test_decay_means_the_same_under_each_optimizer_and_spares_vectors_and_biases(optimizer: str, tied: bool) -> None:
    settings = {"optimizer": optimizer, "weight_decay": 0.5, "learn_initial_state": True}
    model = a_model(embedding_size=6, tie_weights=tied, **settings)
    assert sum(parameter.shape == (11, 6) for parameter in model.parameters()) == 2 - tied
    for weight in model.parameters():
        weight.data.fill_(1)
    steps = model.configure_optimizers()
    for _ in range(3):
        for weight in model.parameters():
            weight.grad = torch.zeros_like(weight)
        steps.step()
    for name, weight in model.named_parameters():
        spared = "bias" in name or name.endswith("initial") or name == "embedding.weight"
        torch.testing.assert_close(weight, torch.full_like(weight, 1 if spared else (1 - 0.01 * 0.5) ** 3))


def test_a_dropped_word_is_dropped_wherever_it_occurs() -> None:
    model = a_model(embedding_size=5, hidden_sizes=[6], dropout={"words": 0.4})
    seen: list[torch.Tensor] = []
    model.embedding_dropout.register_forward_hook(lambda _, inputs, output: seen.append(inputs[0]))
    words = torch.arange(11).repeat(2, 3)
    model(words)
    factor = (seen[0] / model.embedding(words))[..., 0]
    torch.testing.assert_close(factor[factor != 0], torch.full_like(factor[factor != 0], 1 / 0.6))
    assert 0 < factor.count_nonzero() < factor.numel()
    for word in range(11):
        assert len(factor[words == word].round(decimals=4).unique()) == 1
    model.eval()
    model(words)
    assert seen[1].equal(model.embedding(words))


def test_the_penalty_worked_out_by_hand() -> None:
    model = a_model(activation_penalty=2.0).double()
    batch = Batch(INPUTS, TARGETS)
    hidden = model(INPUTS)[0]
    of_all: Any = 2 * (hidden**2).mean()
    stream = batch._replace(fresh=torch.tensor([True, True]))
    assert (model.loss(stream) - a_model().double().loss(stream)).item() == pytest.approx(of_all.item(), abs=1e-12)
    whole, one = hidden[0], hidden[1, :1]  # the other steps of the second row are padding
    by_hand: Any = 2 * (torch.cat([whole, one]) ** 2).mean()
    plain: Any = a_model().double().loss(batch)
    found = logged(model)
    assert model.training_step(batch, 0).item() == pytest.approx((plain + by_hand).item(), abs=1e-12)
    model.on_train_epoch_end()
    assert found["train_loss"] == pytest.approx(plain.item(), rel=1e-6)  # without it, as it is a perplexity's
    assert found["train_perplexity"] == pytest.approx(math.exp(plain.item()), rel=1e-6)


def test_validation_measures_the_averaged_weights_and_training_goes_on_with_its_own() -> None:
    model = a_model(average_decay=0.5)
    before = model.embedding.weight.clone()
    model.average.update(model.parameters())
    for weight in model.parameters():
        weight.data.add_(1)
    model.average.update(model.parameters())
    trained = {name: weight.clone() for name, weight in model.state_dict().items()}
    averaged = model.evaluated_weights()
    model.on_validation_start()
    assert all(weight.equal(averaged[name]) for name, weight in model.state_dict().items())
    assert not any(model.embedding.weight.equal(other) for other in (before, trained["embedding.weight"]))
    model.on_validation_end()
    assert all(weight.equal(trained[name]) for name, weight in model.state_dict().items())


def test_evaluation_weighs_words_not_batches() -> None:
    model = a_model()
    found = logged(model)
    with torch.no_grad():
        for row in range(2):
            model.validation_step(Batch(INPUTS[[row]], TARGETS[[row]]), row)
        model.on_validation_epoch_end()
        predicted = TARGETS != IGNORED
        logits, targets = model.output(model.contexts(Batch(INPUTS, TARGETS))[predicted]), TARGETS[predicted]
    loss = nn.functional.cross_entropy(logits, targets).item()
    assert found["valid_loss"] == pytest.approx(loss, rel=1e-6)
    assert found["valid_perplexity"] == pytest.approx(math.exp(loss), rel=1e-6)
    assert found["valid_accuracy"] == pytest.approx((logits.argmax(1) == targets).float().mean().item())


@pytest.mark.parametrize(("unit", "optimizer"), [("lstm", "adam"), ("gru", {"kind": "sgd", "momentum": 0.9})])
def test_training_learns_a_sequence_by_heart(unit: Any, optimizer: Any) -> None:
    model = a_model(unit, optimizer=optimizer, learning_rate=0.05 if optimizer == "adam" else 0.5)
    steps = model.configure_optimizers()
    assert isinstance(steps, torch.optim.Adam if optimizer == "adam" else torch.optim.SGD)
    for _ in range(150):
        steps.zero_grad()
        loss = model.loss(Batch(INPUTS, TARGETS))
        loss.backward()
        steps.step()
    # Both sequences start alike, so START is followed by 3 or by 6: the best possible mean is 2 ln 2 / 5.
    assert loss.item() == pytest.approx(2 * math.log(2) / 5, abs=0.03)
