import math

import pytest

from models.schedules import Moment, make_schedule


def at(step: int = 0, epoch: int = 0) -> Moment:
    return Moment(step, 100, epoch)


def test_constant_decay_and_linear() -> None:
    assert make_schedule("constant")(at(50, 3)) == 1
    assert [make_schedule("decay", rate=0.5)(at(epoch=epoch)) for epoch in range(3)] == [1, 0.5, 0.25]
    linear = make_schedule("linear", final=0.2)
    assert [linear(at(step)) for step in (0, 25, 50, 100)] == pytest.approx([1, 0.8, 0.6, 0.2])


@pytest.mark.parametrize(("warmup_steps", "rising"), [(20, 20), (50, 50), (200, 50)])
def test_cosine_warms_up_in_half_of_the_training_at_most_and_ends_at_its_final_share(
    warmup_steps: int, rising: int
) -> None:
    cosine = make_schedule("cosine", warmup_steps=warmup_steps, final=0.1)
    rates = [cosine(at(step)) for step in range(101)]
    assert rates[:rising] == pytest.approx([(step + 1) / (rising + 1) for step in range(rising)])
    assert rates[rising] == max(rates) == 1
    middle = rising + (100 - rising) // 2
    assert rates[middle] == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi / 2)) / 2)
    assert rates[100] == pytest.approx(0.1)
