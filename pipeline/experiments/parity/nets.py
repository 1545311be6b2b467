"""The parity problem (book, chapter 2): its sequences, its labels, and the nets that learn them.

Sequences are (rows, bits) int64, 0 or 1. The label of a step is 1 if the number of ones up to it is odd. A recurrent
net gives a logit for the label of every step, a feedforward net for the label of the last step alone.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.recurrent.units import RecurrentStack
from pipeline.experiments.parity.settings import ParityRecurrent

EVALUATE_EVERY = 25  # updates
MOGRIFIER = {"kind": "lstm", "mogrifier": 5}


class Accuracy(NamedTuple):
    """The share of sequences with a right last label, and the share of right labels among all steps."""

    whole: float
    every_step: float


class RecurrentNet(nn.Module):
    """One layer of a recurrent unit that reads one bit a step, and a linear readout of its hidden values.

    A net this small depends on its initial weights. Biases are drawn with the deviation `bias_deviation`: without
    them a tanh unit is odd, and nearly linear. A `readout_deviation` far above 1 separates hidden states, and so
    passes gradients back, while they still lie close together.
    """

    def __init__(self, unit: str, hidden_size: int, settings: ParityRecurrent) -> None:
        super().__init__()
        kind = MOGRIFIER if unit == "mogrifier" else {"kind": unit, "activation": settings.activation}
        self.recurrent = RecurrentStack(kind, 1, [hidden_size])
        self.readout = nn.Linear(hidden_size, 1)
        with torch.no_grad():
            for name, parameter in self.recurrent.named_parameters():
                if name.endswith(".bias"):  # added, since an LSTM's forget gate starts with a bias of its own
                    parameter.add_(settings.bias_deviation * torch.randn_like(parameter))
        nn.init.normal_(self.readout.weight, std=settings.readout_deviation)
        nn.init.zeros_(self.readout.bias)

    def hidden(self, sequences: Tensor) -> Tensor:
        """Return the hidden values after every step, (rows, bits, hidden size)."""
        outputs: Tensor = self.recurrent(_signs(sequences).unsqueeze(2))[0]
        return outputs

    def forward(self, sequences: Tensor) -> Tensor:
        """Return logits for every step, (rows, bits)."""
        logits: Tensor = self.readout(self.hidden(sequences)).squeeze(2)
        return logits


class FeedforwardNet(nn.Module):
    """Layers of rectifiers over all bits at once, initialized as in He et al. 2015, and a linear readout."""

    def __init__(self, bits: int, hidden_sizes: Sequence[int]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for below, width in pairwise([bits, *hidden_sizes]):
            layer = nn.Linear(below, width)
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
            layers += [layer, nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden_sizes[-1], 1))

    def forward(self, sequences: Tensor) -> Tensor:
        """Return logits for the last step, (rows, 1)."""
        logits: Tensor = self.layers(_signs(sequences))
        return logits


def all_sequences(bits: int) -> Tensor:
    """Return every sequence of `bits` bits in counting order, (2^bits, bits)."""
    return torch.arange(2**bits).unsqueeze(1) >> torch.arange(bits - 1, -1, -1) & 1


def running_parity(sequences: Tensor) -> Tensor:
    """Return the label of every step, (rows, bits)."""
    return sequences.cumsum(1) % 2


@torch.no_grad()
def correct(net: nn.Module, sequences: Tensor) -> Tensor:
    """Return which of the net's labels are right, (rows, steps) bool."""
    logits = net(sequences)
    right: Tensor = (logits > 0) == _labels(logits, sequences).bool()
    return right


def accuracy(net: nn.Module, sequences: Tensor) -> Accuracy:
    """Return the net's accuracy on `sequences`."""
    right = correct(net, sequences).double()
    return Accuracy(right[:, -1].mean().item(), right.mean().item())


def count_parameters(net: nn.Module) -> int:
    """Return the number of trained parameters."""
    return sum(parameter.numel() for parameter in net.parameters())


def train(
    net: nn.Module,
    sequences: Tensor,
    *,
    updates: int,
    batch: int,
    learning_rate: float,
    gradient_clip: float,
    first_length: int,
) -> Iterator[tuple[int, Accuracy]]:
    """Train a net on `sequences`; yield the number of updates and the accuracy every 25 updates and after the last.

    The caller may stop in between. The optimizer is Adam; its learning rate falls linearly to zero. A `gradient_clip`
    of 0 clips nothing. Each epoch draws the batches in a new order. Training starts with sequences cut to
    `first_length` bits (Elman 1993) and adds a bit after each batch that is all right. A feedforward net has a fixed
    width, so its `first_length` must be all bits.
    """
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate, fused=True)
    length = first_length
    for update, rows in zip(range(1, updates + 1), _batches(sequences, batch), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * (1 - (update - 1) / updates)
        rows = rows[:, :length]
        logits = net(rows)
        labels = _labels(logits, rows)
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype)).backward()
        if gradient_clip:
            nn.utils.clip_grad_norm_(net.parameters(), gradient_clip)
        optimizer.step()
        if torch.equal(logits > 0, labels.bool()):
            length += 1
        if update % EVALUATE_EVERY == 0 or update == updates:
            yield update, accuracy(net, sequences)


def _signs(sequences: Tensor) -> Tensor:
    """Return bits as -1 and 1, so that a 0 moves a net as much as a 1 does."""
    return 2.0 * sequences - 1


def _labels(logits: Tensor, sequences: Tensor) -> Tensor:
    return running_parity(sequences)[:, -logits.shape[1] :]


def _batches(sequences: Tensor, batch: int) -> Iterator[Tensor]:
    while True:
        yield from sequences[torch.randperm(len(sequences))].split(batch)
