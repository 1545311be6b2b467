import math

import numpy as np
import pytest
import torch
from torch import nn

from models.language_model import IGNORED, Batch, LanguageModel
from models.units import RecurrentStack


def a_model(unit: str = "gru", **changes: object) -> LanguageModel:
    torch.manual_seed(0)
    settings = {"embedding_size": 5, "hidden_sizes": [7, 6], "optimizer": "adam", "learning_rate": 0.01} | changes
    return LanguageModel(11, unit=unit, **settings)  # type: ignore[arg-type] # a mapping of mixed values


INPUTS = torch.tensor([[0, 3, 4, 5], [0, 6, 0, 0]])
TARGETS = torch.tensor([[3, 4, 5, 1], [6, IGNORED, IGNORED, IGNORED]])


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


@pytest.mark.parametrize("unit", ["gru", "lstm"])
def test_a_stack_follows_the_equations_in_float64(unit: str) -> None:
    torch.manual_seed(0)
    stack = RecurrentStack(unit, 3, [4, 2]).double()
    inputs = torch.randn(2, 5, 3, dtype=torch.float64)
    expected = inputs.numpy()
    for layer in stack.layers:
        weights = [getattr(layer, name).detach().numpy() for name in ("weight_ih_l0", "weight_hh_l0")]
        biases = [getattr(layer, name).detach().numpy() for name in ("bias_ih_l0", "bias_hh_l0")]
        step = gru_step if unit == "gru" else lstm_step
        h = c = np.zeros((2, weights[1].shape[1]))
        outputs = []
        for t in range(5):
            h, c = step(expected[:, t] @ weights[0].T + biases[0], h @ weights[1].T + biases[1], h, c)
            outputs.append(h)
        expected = np.stack(outputs, axis=1)
    np.testing.assert_allclose(stack(inputs)[0].detach().numpy(), expected, atol=1e-12)


def gru_step(x: np.ndarray, r: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gates in torch's order: reset, update, candidate; `x` and `r` are the input and recurrent products."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(x, 3, axis=1), np.split(r, 3, axis=1)
    update = sigmoid(x_z + h_z)
    candidate = np.tanh(x_n + sigmoid(x_r + h_r) * h_n)
    return (1 - update) * candidate + update * h, c


def lstm_step(x: np.ndarray, r: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gates in torch's order: input, forget, cell, output."""
    i, f, g, o = np.split(x + r, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def test_the_loss_is_the_mean_over_targets_alone() -> None:
    model = a_model().double()
    loss = model.loss(*model.hidden_and_targets(Batch(INPUTS, TARGETS)))
    log_probabilities = torch.log_softmax(model.output(model(INPUTS)[0]), dim=-1)
    by_hand = [-log_probabilities[0, t, TARGETS[0, t]] for t in range(4)] + [-log_probabilities[1, 0, 6]]
    assert loss.item() == pytest.approx(sum(by_hand).item() / 5, abs=1e-12)  # type: ignore[union-attr] # of a Tensor


def test_padding_changes_nothing() -> None:
    model = a_model().double()
    wide = Batch(nn.functional.pad(INPUTS, (0, 3)), nn.functional.pad(TARGETS, (0, 3), value=IGNORED))
    narrow, padded = (model.hidden_and_targets(batch)[0] for batch in (Batch(INPUTS, TARGETS), wide))
    torch.testing.assert_close(narrow, padded, atol=1e-12, rtol=0)


def test_the_words_to_come_do_not_reach_back() -> None:
    model = a_model()
    changed = INPUTS.clone()
    changed[0, 3] = 9
    torch.testing.assert_close(model(INPUTS)[0][:, :3], model(changed)[0][:, :3])


def test_evaluation_weighs_words_not_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model()
    logged: dict[str, float] = {}
    monkeypatch.setattr(model, "log", lambda name, value: logged.update({name: value}))
    with torch.no_grad():
        for row in range(2):
            model.validation_step(Batch(INPUTS[[row]], TARGETS[[row]]), row)
        model.on_validation_epoch_end()
        hidden, targets = model.hidden_and_targets(Batch(INPUTS, TARGETS))
        logits = model.output(hidden)
    loss = nn.functional.cross_entropy(logits, targets).item()
    assert logged["valid_loss"] == pytest.approx(loss, rel=1e-6)
    assert logged["valid_perplexity"] == pytest.approx(math.exp(loss), rel=1e-6)
    assert logged["valid_accuracy"] == pytest.approx((logits.argmax(1) == targets).float().mean().item())


@pytest.mark.parametrize(("optimizer", "kind"), [("adam", torch.optim.Adam), ("sgd", torch.optim.SGD)])
@pytest.mark.parametrize("unit", ["gru", "lstm"])
def test_training_learns_a_sequence_by_heart(unit: str, optimizer: str, kind: type) -> None:
    model = a_model(unit, optimizer=optimizer, learning_rate=0.05 if optimizer == "adam" else 0.5, momentum=0.9)
    steps = model.configure_optimizers()
    assert isinstance(steps, kind)
    for _ in range(150):
        steps.zero_grad()
        loss = model.loss(*model.hidden_and_targets(Batch(INPUTS, TARGETS)))
        loss.backward()
        steps.step()
    # Both sequences start alike, so START is followed by 3 or by 6: the best possible mean is 2 ln 2 / 5.
    assert loss.item() == pytest.approx(2 * math.log(2) / 5, abs=0.03)
