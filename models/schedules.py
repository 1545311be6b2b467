"""Learning rate schedules: functions of the progress of training, without a state.

So a resumed run has the same rates as one that was never stopped.
"""

import math
from collections.abc import Callable

RATE = 0.99  # of the book's decay
FINAL = 0.05  # share of the learning rate at the end
WARM_UP_STEPS = 200  # but half of the training at most


ScheduleFunction = Callable[
    [int, int, int], float
]  # steps done, steps in all and epochs done to the learning rate's factor


def constant(step: int, steps: int, epoch: int) -> float:
    """Return 1."""
    return 1.0


def decay(step: int, steps: int, epoch: int) -> float:
    """Return `RATE` to the power of the epochs done, as in the book."""
    return RATE**epoch


def linear(step: int, steps: int, epoch: int) -> float:
    """Return a factor that falls linearly to `FINAL`, as in word2vec."""
    return 1 - (1 - FINAL) * step / max(1, steps)


def cosine(step: int, steps: int, epoch: int) -> float:
    """Return a factor that rises linearly and then falls by half a cosine to `FINAL` (Loshchilov and Hutter 2017)."""
    rising = min(WARM_UP_STEPS, steps // 2)
    if step < rising:
        return (step + 1) / (rising + 1)
    way = (step - rising) / max(1, steps - rising)
    return FINAL + (1 - FINAL) * (1 + math.cos(math.pi * way)) / 2


SCHEDULES: dict[str, ScheduleFunction] = {schedule.__name__: schedule for schedule in (constant, decay, linear, cosine)}
