import pytest
import torch

from models.averages import Average, has_stalled


def averaged(average: Average, values: list[float], losses: list[list[float]] | None = None) -> float:
    for number, value in enumerate(values):
        average.update([torch.tensor([value])], losses[number] if losses else [])
    return average.values[0].item()


def test_an_exponential_average_worked_out_by_hand() -> None:
    # The first steps weigh more: 10 / 11, 10 / 12 and so on, until 1 - decay is larger.
    by_hand = 1.0
    for number, value in enumerate([1.0, 2.0, 5.0], start=1):
        new = max(1 - 0.15, 10 / (10 + number))
        by_hand = (1 - new) * by_hand + new * value
    assert averaged(Average("exponential", decay=0.15), [1.0, 2.0, 5.0]) == pytest.approx(by_hand)


def test_a_triggered_average_is_the_plain_mean_since_validation_stalled() -> None:
    average = Average("triggered", patience=1)
    stalled = [5.0, 4.0, 4.5, 4.2]
    losses = [[], stalled[:2], stalled[:3], stalled, stalled, [*stalled, 1.0]]
    assert averaged(average, [9.0, 9.0, 9.0, 1.0, 2.0, 6.0], losses) == pytest.approx(3.0)
    assert average.steps == 3


def test_epochs_within_the_patience_are_not_compared() -> None:
    assert not has_stalled([5, 4, 4.5], patience=2)
    assert not has_stalled([5, 4, 4.5], patience=1)  # 4.5 is below 5, the only one more than an epoch before
    assert has_stalled([5, 4, 4.5, 4.2], patience=1)
    assert not has_stalled([], patience=1)


def test_none_keeps_no_weights() -> None:
    average, weight = Average("none"), torch.ones(2)
    average.update([weight], [1.0, 2.0, 3.0])
    average.swap([weight])
    assert average.values == []
    assert weight.equal(torch.ones(2))


def test_a_state_that_is_loaded_goes_on_as_if_nothing_had_been() -> None:
    whole, halved = (Average("exponential", decay=0.9) for _ in range(2))
    expected = averaged(whole, [1.0, 2.0, 4.0])
    averaged(halved, [1.0, 2.0])
    resumed = Average("exponential", decay=0.9)
    resumed.load_state(halved.state())
    assert averaged(resumed, [4.0]) == expected


def test_averages_of_a_checkpoint_follow_the_weights_to_their_device() -> None:
    # Lightning loads a checkpoint before it moves the model.
    average = Average("exponential", decay=0.9)
    average.load_state({"steps": 1, "values": [torch.ones(2)]})
    average.update([torch.ones(2, device="meta")], [])
    assert average.values[0].is_meta
