"""Learning rate schedules: functions of the progress of training, without a state.

So a resumed run has the same rates as one that was never stopped.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

RATE = 0.99  # of the book's decay
FINAL = 0.05  # share of the learning rate at the end
WARM_UP_STEPS = 200  # but half of the training at most


class Moment(NamedTuple):
    """The progress of training: steps done, steps in all, epochs done."""

    step: int
    steps: int
    epoch: int


Schedule = Callable[[Moment], float]  # returns the factor of the learning rate


def constant(now: Moment) -> float:
    """Return 1."""
    return 1.0


def decay(now: Moment) -> float:
    """Return `RATE` to the power of the epochs done, as in the book."""
    return RATE**now.epoch


def linear(now: Moment) -> float:
    """Return a factor that falls linearly to `FINAL`, as in word2vec."""
    return 1 - (1 - FINAL) * now.step / max(1, now.steps)


def cosine(now: Moment) -> float:
    """Return a factor that rises linearly and then falls by half a cosine to `FINAL` (Loshchilov and Hutter 2017)."""
    rising = min(WARM_UP_STEPS, now.steps // 2)
    if now.step < rising:
        return (now.step + 1) / (rising + 1)
    way = (now.step - rising) / max(1, now.steps - rising)
    return FINAL + (1 - FINAL) * (1 + math.cos(math.pi * way)) / 2


SCHEDULES: dict[str, Schedule] = {schedule.__name__: schedule for schedule in (constant, decay, linear, cosine)}
