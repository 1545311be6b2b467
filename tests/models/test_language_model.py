import math

import pytest
import torch
from torch import nn

from models.language_model import IGNORED, Batch, LanguageModel


def a_model(unit: str = "gru", **changes: object) -> LanguageModel:
    torch.manual_seed(0)
    settings = {"embedding_size": 5, "hidden_sizes": [7, 6], "optimizer": "adam", "learning_rate": 0.01} | changes
    return LanguageModel(11, unit=unit, **settings)  # type: ignore[arg-type] # a mapping of mixed values


INPUTS = torch.tensor([[0, 3, 4, 5], [0, 6, 0, 0]])
TARGETS = torch.tensor([[3, 4, 5, 1], [6, IGNORED, IGNORED, IGNORED]])


def test_the_loss_is_the_mean_over_targets_alone() -> None:
    model = a_model().double()
    logits, targets = model.logits_and_targets(Batch(INPUTS, TARGETS))
    loss = nn.functional.cross_entropy(logits, targets)
    log_probabilities = torch.log_softmax(model.output(model(INPUTS)), dim=-1)
    by_hand = [-log_probabilities[0, t, TARGETS[0, t]] for t in range(4)] + [-log_probabilities[1, 0, 6]]
    assert loss.item() == pytest.approx(sum(by_hand).item() / 5, abs=1e-12)  # type: ignore[union-attr] # of a Tensor


def test_padding_changes_nothing() -> None:
    model = a_model().double()
    wide = Batch(nn.functional.pad(INPUTS, (0, 3)), nn.functional.pad(TARGETS, (0, 3), value=IGNORED))
    narrow, padded = (model.logits_and_targets(batch)[0] for batch in (Batch(INPUTS, TARGETS), wide))
    torch.testing.assert_close(narrow, padded, atol=1e-12, rtol=0)


def test_the_words_to_come_do_not_reach_back() -> None:
    model = a_model()
    changed = INPUTS.clone()
    changed[0, 3] = 9
    torch.testing.assert_close(model(INPUTS)[:, :3], model(changed)[:, :3])


def test_evaluation_weighs_words_not_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model()
    logged: dict[str, float] = {}
    monkeypatch.setattr(model, "log", lambda name, value: logged.update({name: value}))
    with torch.no_grad():
        for row in range(2):
            model.validation_step(Batch(INPUTS[[row]], TARGETS[[row]]), row)
        model.on_validation_epoch_end()
        logits, targets = model.logits_and_targets(Batch(INPUTS, TARGETS))
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
        logits, targets = model.logits_and_targets(Batch(INPUTS, TARGETS))
        nn.functional.cross_entropy(logits, targets).backward()
        steps.step()
    # Both sequences start alike, so START is followed by 3 or by 6: the best possible mean is 2 ln 2 / 5.
    assert nn.functional.cross_entropy(logits, targets).item() == pytest.approx(2 * math.log(2) / 5, abs=0.03)
