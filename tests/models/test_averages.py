import pytest
import torch

from models.averages import Average


def averaged(average: Average, *values: float) -> float:
    for value in values:
        average.update([torch.tensor([value])])
    return average.values[0].item()


def test_an_exponential_average_worked_out_by_hand_goes_on_from_its_state() -> None:
    # The first steps weigh more: 10 / 11, 10 / 12 and so on, until 1 - decay is larger.
    by_hand = 1.0
    for number, value in enumerate([1.0, 2.0, 5.0], start=1):
        new = max(1 - 0.15, 10 / (10 + number))
        by_hand = (1 - new) * by_hand + new * value
    average, resumed = Average(0.15), Average(0.15)
    averaged(average, 1.0, 2.0)
    resumed.load_state(average.state())
    assert averaged(resumed, 5.0) == pytest.approx(by_hand)


def test_a_decay_of_zero_keeps_no_weights() -> None:
    average, weight = Average(0.0), torch.ones(2)
    average.update([weight])
    average.swap([weight])
    assert (average.values, weight.tolist()) == ([], [1, 1])


def test_averages_of_a_checkpoint_follow_the_weights_to_their_device() -> None:
    # Lightning loads a checkpoint before it moves the model.
    average = Average(0.9)
    average.load_state({"steps": 1, "values": [torch.ones(2)]})
    average.update([torch.ones(2, device="meta")])
    assert average.values[0].is_meta
