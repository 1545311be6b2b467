"""Averages of the weights over training steps, which predict better than the weights of a single step."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

WARM_UP = 10  # an average of n steps counts the newest weights at least WARM_UP / (WARM_UP + n)


class Average:
    """The exponential average of some weights over the steps so far (Polyak and Juditsky 1992 in its common form).

    A weight of the past falls by `decay` with each step, and faster in the first 10 / (1 - `decay`) steps, so that the
    random weights are soon forgotten. With a `decay` of 0 there is no average.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.values: list[Tensor] = []

    @torch.no_grad()
    def update(self, weights: Iterable[Tensor]) -> None:
        """Add the weights after a step."""
        if not self.decay:
            return
        current = [weight.detach() for weight in weights]
        if not self.values:
            self.values = [weight.clone() for weight in current]
        # Averages from a checkpoint are still on the CPU.
        self.values = [value.to(weight.device) for value, weight in zip(self.values, current, strict=True)]
        self.steps += 1
        new = max(1 - self.decay, WARM_UP / (WARM_UP + self.steps))
        torch._foreach_lerp_(self.values, current, new)

    @torch.no_grad()
    def swap(self, weights: Iterable[Tensor]) -> None:
        """Exchange the averages and the weights; does nothing before there are averages."""
        for average, weight in zip(self.values, weights, strict=False):
            now = weight.clone()
            weight.copy_(average)
            average.copy_(now)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint holds."""
        return {"steps": self.steps, "values": [value.cpu() for value in self.values]}

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore the `state` of a checkpoint."""
        self.steps, self.values = state["steps"], state["values"]
