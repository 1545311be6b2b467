"""Learning rate schedules: functions of the progress of training, without a state.

So a resumed run has the same rates as one that was never stopped.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple


class Moment(NamedTuple):
    """The progress of training: steps done, steps in all, epochs done."""

    step: int
    steps: int
    epoch: int


Schedule = Callable[[Moment], float]  # returns the factor of the learning rate


def make_schedule(kind: str, **settings: Any) -> Schedule:
    """Return the schedule of a name: constant, decay, linear or cosine."""
    return partial(_SCHEDULES[kind], **settings)


def constant(now: Moment) -> float:
    """Return 1."""
    return 1.0


def decay(now: Moment, *, rate: float) -> float:
    """Return `rate` to the power of the epochs done, as in the book."""
    return rate**now.epoch


def linear(now: Moment, *, final: float) -> float:
    """Return a factor that falls linearly to `final`, as in word2vec."""
    return 1 - (1 - final) * now.step / max(1, now.steps)


def cosine(now: Moment, *, warmup_steps: int, final: float) -> float:
    """Return a factor that rises linearly and then falls by half a cosine to `final` (Loshchilov and Hutter 2017).

    It rises for `warmup_steps`, but for half of the training at most.
    """
    rising = min(warmup_steps, now.steps // 2)
    if now.step < rising:
        return (now.step + 1) / (rising + 1)
    way = (now.step - rising) / max(1, now.steps - rising)
    return final + (1 - final) * (1 + math.cos(math.pi * way)) / 2


_SCHEDULES: dict[str, Callable[..., float]] = {
    schedule.__name__: schedule for schedule in (constant, decay, linear, cosine)
}
