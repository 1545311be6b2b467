import math

import pytest

from models.schedules import Moment, make_schedule


def at(step: int = 0, epoch: int = 0, losses: tuple[float, ...] = ()) -> Moment:
    return Moment(step, 100, epoch, list(losses))


def test_constant_and_decay() -> None:
    assert make_schedule("constant")(at(50, 3)) == 1
    assert [make_schedule("decay", rate=0.5)(at(epoch=epoch)) for epoch in range(3)] == [1, 0.5, 0.25]


def test_linear_goes_down_in_a_line() -> None:
    linear = make_schedule("linear", final=0.2)
    assert [linear(at(step)) for step in (0, 25, 50, 100)] == pytest.approx([1, 0.8, 0.6, 0.2])


def test_cosine_warms_up_and_ends_at_its_final_share() -> None:
    cosine = make_schedule("cosine", warmup_steps=20, final=0.1)
    rates = [cosine(at(step)) for step in range(101)]
    assert rates[:20] == pytest.approx([(step + 1) / 21 for step in range(20)])
    assert rates[20] == max(rates) == 1
    assert rates[60] == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi / 2)) / 2)
    assert rates[100] == pytest.approx(0.1)


@pytest.mark.parametrize("warmup_steps", [50, 200])
def test_cosine_warms_up_in_half_of_a_short_training(warmup_steps: int) -> None:
    cosine = make_schedule("cosine", warmup_steps=warmup_steps, final=0.0)
    assert cosine(at(49)) == pytest.approx(50 / 51)
    assert cosine(at(50)) == 1
    assert cosine(at(75)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("losses", "cuts"),
    [((), 0), ((3, 2, 1), 0), ((3, 3), 0), ((3, 3, 4), 1), ((3, 4, 2, 3), 0), ((3, 4, 4, 4), 1), ((3, 4, 4, 4, 4), 2)],
)
def test_a_plateau_lowers_the_rate_each_time(losses: tuple[float, ...], cuts: int) -> None:
    assert make_schedule("plateau", factor=0.5, patience=2)(at(losses=losses)) == 0.5**cuts
