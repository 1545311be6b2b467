import math

import pytest

from models.schedules import SCHEDULES


def at(step: int = 0, epoch: int = 0, steps: int = 100) -> tuple[int, int, int]:
    return step, steps, epoch


def test_constant_decay_and_linear() -> None:
    assert SCHEDULES["constant"](*at(50, 3)) == 1
    assert [SCHEDULES["decay"](*at(epoch=epoch)) for epoch in range(3)] == [1, 0.99, 0.99**2]
    assert [SCHEDULES["linear"](*at(step)) for step in (0, 25, 100)] == pytest.approx([1, 0.7625, 0.05])


@pytest.mark.parametrize(("steps", "rising"), [(1000, 200), (400, 200), (100, 50)])
def test_cosine_warms_up_in_half_of_the_training_at_most_and_ends_at_its_final_share(steps: int, rising: int) -> None:
    rates = [SCHEDULES["cosine"](*at(step, steps=steps)) for step in range(steps + 1)]
    assert rates[:rising] == pytest.approx([(step + 1) / (rising + 1) for step in range(rising)])
    assert rates[rising] == max(rates) == 1
    middle = rising + (steps - rising) // 2
    assert rates[middle] == pytest.approx(0.05 + 0.95 * (1 + math.cos(math.pi / 2)) / 2)
    assert rates[steps] == pytest.approx(0.05)
