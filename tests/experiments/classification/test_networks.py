from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.experiments.classification.networks import UNKNOWN, SequenceClassifier, train_classifier
from pipeline.experiments.classification.settings import ClassifierDropout, Recurrent
from pipeline.run.section import UnitName


def a_model(unit: UnitName = "gru", dropped: float = 0.0) -> SequenceClassifier:
    torch.manual_seed(0)
    dropout = ClassifierDropout(tokens=dropped, embedding=dropped, output=dropped)
    return SequenceClassifier(5, 2, Recurrent(unit=unit, embedding_size=4, hidden_sizes=[6], dropout=dropout))


def some(n: int = 64) -> tuple[Tensor, Tensor, Tensor]:
    """Sequences of 1 to 6 ids from 1 to 4, of class 1 where the first is above 2."""
    torch.manual_seed(1)
    ids = torch.randint(1, 5, (n, 6))
    return ids, torch.randint(1, 7, (n,)), (ids[:, 0] > 2).long()


@pytest.mark.parametrize("unit", ["elman", "rated", "gru", "lstm", "mingru"])
def test_padding_changes_nothing(unit: UnitName) -> None:
    model = a_model(unit).double()
    ids, lengths, _ = some()
    padded = nn.functional.pad(ids, (0, 3), value=4)
    torch.testing.assert_close(
        model.probabilities(ids, lengths), model.probabilities(padded, lengths), atol=1e-12, rtol=0
    )


def test_what_stands_before_the_last_step_counts_and_what_stands_behind_it_does_not() -> None:
    model = a_model().double()
    one = model.probabilities(torch.tensor([[1, 2, 3, 4]]), torch.tensor([3]))
    assert not torch.equal(one, model.probabilities(torch.tensor([[3, 2, 3, 4]]), torch.tensor([3])))
    assert torch.equal(one, model.probabilities(torch.tensor([[1, 2, 3, 1]]), torch.tensor([3])))


@pytest.mark.parametrize("unit", ["elman", "gru"])
def test_it_learns_what_the_first_step_says(unit: UnitName) -> None:
    ids, lengths, classes = some(200)
    model = a_model(unit)
    learn(model, ids[:150], lengths[:150], classes[:150], epochs=25, learning_rate=0.05)
    probabilities = model.probabilities(ids[150:], lengths[150:])
    torch.testing.assert_close(probabilities.sum(1), torch.ones(50))
    assert (probabilities.argmax(1) == classes[150:]).float().mean() > 0.95


def learn(model: SequenceClassifier, ids: Tensor, lengths: Tensor, classes: Tensor, **changes: Any) -> None:
    settings: dict[str, Any] = {"epochs": 2, "batch_lines": 16, "learning_rate": 0.02, "weight_decay": 0.01} | changes
    train_classifier(model, ids, lengths, classes, Recurrent(**settings))


def test_training_repeats_and_depends_on_the_seed() -> None:
    weights = []
    for seed in (3, 3, 4):
        model = a_model(dropped=0.2)
        data = some()
        torch.manual_seed(seed)
        learn(model, *data)
        weights.append(nn.utils.parameters_to_vector(model.parameters()).detach())
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_learning_rate_decays_by_epoch() -> None:
    """At a decay of nearly zero, nothing after the first epoch moves a weight."""
    data = some()
    ends = {}
    for epochs, decay in ((1, 1e-12), (4, 1e-12), (4, 1.0)):
        model = a_model().double()
        learn(model, *data, epochs=epochs, decay=decay)
        ends[epochs, decay] = nn.utils.parameters_to_vector(model.parameters()).detach()
    torch.testing.assert_close(ends[1, 1e-12], ends[4, 1e-12], atol=1e-9, rtol=0)
    assert (ends[1, 1e-12] - ends[4, 1.0]).abs().max() > 0.05


def test_what_is_dropped_is_dropped_in_training_alone() -> None:
    model = a_model(dropped=0.5)
    ids, lengths, _ = some()
    assert not torch.equal(model(ids, lengths), model(ids, lengths))
    assert torch.equal(model.probabilities(ids, lengths), model.probabilities(ids, lengths))


def test_dropped_tokens_are_unknown() -> None:
    model = a_model()
    model.drop_tokens = 1.0
    ids, lengths, _ = some()
    unknown = a_model()
    unknown.load_state_dict(model.state_dict())
    torch.testing.assert_close(
        model(ids, lengths).softmax(1), unknown.probabilities(torch.full_like(ids, UNKNOWN), lengths)
    )
