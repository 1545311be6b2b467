"""Sums over the targets of a split."""

import torch
from torch import Tensor

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
        """Wait for the device and return the sums so far."""
        for sums in torch.stack(self.unread).tolist() if self.unread else []:
            self.sums = [total + one for total, one in zip(self.sums, sums, strict=True)]
        self.unread = []
        return self.sums

    def take(self) -> tuple[float, float]:
        """Return the mean cross-entropy and the accuracy, and start anew."""
        loss, right, words = self.read()
        self.sums = [0.0, 0.0, 0.0]
        return loss / words, right / words
