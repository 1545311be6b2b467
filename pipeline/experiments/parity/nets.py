"""The parity problem (book, chapter 2): its sequences and labels, and nets that learn them.

Sequences are (rows, bits) int64, 0 or 1. A step's label is 1 where the ones up to it are odd in number. A net gives
logits for the labels of the last so many steps: a recurrent one for every step, a feedforward one for the last.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.recurrent.units import RecurrentStack


class Accuracy(NamedTuple):
    """The share of sequences whose last label is right, and the share of all labels that a net gives."""

    whole: float
    every_step: float


class RecurrentNet(nn.Module):
    """One layer of a recurrent unit that reads a bit a step, and a linear readout of its hidden values.

    What such a small net finds hangs on where it starts. Biases are drawn with the deviation `bias_deviation`: without
    them a tanh unit is odd, and nearly linear. A `readout_deviation` far above 1 tells states apart, and so sends
    gradients back, while they still lie close together.
    """

    def __init__(
        self, unit: str, hidden_size: int, *, activation: str, bias_deviation: float, readout_deviation: float
    ) -> None:
        super().__init__()
        settings = {} if unit == "lstm" else {"activation": activation}
        self.recurrent = RecurrentStack({"kind": unit, **settings}, 1, [hidden_size])
        self.readout = nn.Linear(hidden_size, 1)
        with torch.no_grad():
            for name, parameter in self.recurrent.named_parameters():
                if name.endswith(".bias"):  # an LSTM's forget gate keeps its own on top
                    parameter.add_(bias_deviation * torch.randn_like(parameter))
        nn.init.normal_(self.readout.weight, std=readout_deviation)
        nn.init.zeros_(self.readout.bias)

    def hidden(self, sequences: Tensor) -> Tensor:
        """The hidden values after every step, (rows, bits, hidden size)."""
        outputs: Tensor = self.recurrent(_signs(sequences).unsqueeze(2))[0]
        return outputs

    def forward(self, sequences: Tensor) -> Tensor:
        """Logits for every step, (rows, bits)."""
        logits: Tensor = self.readout(self.hidden(sequences)).squeeze(2)
        return logits


class FeedforwardNet(nn.Module):
    """Layers of rectifiers over all bits at once (He et al. 2015 for how they start), and a linear readout."""

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
        """Logits for the last step, (rows, 1)."""
        logits: Tensor = self.layers(_signs(sequences))
        return logits


def all_sequences(bits: int) -> Tensor:
    """Every sequence of so many bits, (2^bits, bits), counting up."""
    return torch.arange(2**bits).unsqueeze(1) >> torch.arange(bits - 1, -1, -1) & 1


def running_parity(sequences: Tensor) -> Tensor:
    """Every step's label, (rows, bits)."""
    return sequences.cumsum(1) % 2


@torch.no_grad()
def correct(net: nn.Module, sequences: Tensor) -> Tensor:
    """Which of the net's labels are right, (rows, steps) bool."""
    logits = net(sequences)
    right: Tensor = (logits > 0) == _labels(logits, sequences).bool()
    return right


def accuracy(net: nn.Module, sequences: Tensor) -> Accuracy:
    """How many of the net's labels are right."""
    right = correct(net, sequences).double()
    return Accuracy(right[:, -1].mean().item(), right.mean().item())


def parameters_of(net: nn.Module) -> int:
    """How many numbers a net learns."""
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
) -> Iterator[int]:
    """Train a net on `sequences`; gives the number of updates so far after each, so that the caller may look and stop.

    Adam, its rate falling in a line to zero; the norm of a gradient is `gradient_clip` at most, 0 clips nothing.
    Batches are drawn in a new order each time around. Learning starts small (Elman 1993): with sequences cut to their
    first `first_length` bits, one more after each batch that was all right. A feedforward net, of fixed width, wants
    them whole.
    """
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate, fused=True)
    length = first_length
    for update, rows in zip(range(updates), _batches(sequences, batch), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * (1 - update / updates)
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
        yield update + 1


def _signs(sequences: Tensor) -> Tensor:
    """Bits as -1 and 1: a net is moved by a 0 as much as by a 1."""
    return 2.0 * sequences - 1


def _labels(logits: Tensor, sequences: Tensor) -> Tensor:
    return running_parity(sequences)[:, -logits.shape[1] :]


def _batches(sequences: Tensor, batch: int) -> Iterator[Tensor]:
    while True:
        yield from sequences[torch.randperm(len(sequences))].split(batch)
