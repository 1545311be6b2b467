"""Sums over the targets of a split."""

from typing import Any

import torch
from torch import Tensor

from models import ranks

STEPS_UNREAD = 100  # sums that stay on the device until it is waited for


class Tally:
    """The summed cross-entropy in nats, the targets ranked first, and the targets, each as a Python number.

    A float32 sum over millions would lose the small terms, and not every device has float64.
    """

    def __init__(self) -> None:
        self.sums = [0.0, 0.0, 0.0]
        self.unread: list[Tensor] = []

    def add(self, loss: Tensor, right: Tensor, words: Tensor) -> None:
        """Add the sums of a batch, which are on the device."""
        self.unread.append(torch.stack([loss.detach().float(), right.float(), words.float()]))
        if len(self.unread) >= STEPS_UNREAD:
            self.read()

    def read(self) -> list[float]:
        """Wait for the device and return the sums of this process."""
        for sums in torch.stack(self.unread).tolist() if self.unread else []:
            self.sums = [total + one for total, one in zip(self.sums, sums, strict=True)]
        self.unread = []
        return self.sums

    def take(self) -> tuple[float, float]:
        """Return the mean cross-entropy and the accuracy over all processes, and start anew."""
        loss, right, words = (sum(each) for each in zip(*ranks.from_all(self.read()), strict=True))
        self.sums = [0.0, 0.0, 0.0]
        return loss / words, right / words

    def state(self) -> list[Any]:
        """Return the sums of every process."""
        return ranks.from_all(self.read())

    def load_state(self, state: list[Any]) -> None:
        """Restore this process's sums from a `state`."""
        self.sums, self.unread = ranks.own(state), []
