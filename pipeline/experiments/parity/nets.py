"""The parity problem (book, chapter 2): its sequences, its labels, and the nets that learn them.

Sequences are (seeds, rows, bits) int64, 0 or 1: each seed has a net and sequences of its own. The label of a step is 1
if the number of ones up to it is odd. A recurrent net gives a logit for the label of every step, a feedforward net for
the label of the last step alone.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from models.recurrent.units import RecurrentStack
from pipeline.settings.experiment_sections import ParityRecurrent

MOGRIFIER = {"kind": "lstm", "mogrifier": 5}
ROWS, SEGMENT = 512, 50  # rows and steps that a test computes at once
State = tuple[Tensor, ...]  # of all seeds, (rows, seeds x hidden size) each; empty before the first step


class Accuracy(NamedTuple):
    """The share of sequences with a right last label, and the share of right labels among all steps."""

    whole: float
    every_step: float


class Nets:
    """Nets of one kind, one for each seed, trained at once. `values` are all their weights, (seeds, parameters)."""

    def __init__(self, seeds: Sequence[int], make: Callable[[], nn.Module]) -> None:
        self.seeds, self._make = seeds, make
        self.restarts = [0] * len(seeds)
        self._shapes = {name: weight.shape for name, weight in make().named_parameters()}
        self.values = torch.stack([self._draw(number) for number in range(len(seeds))]).requires_grad_()

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights by name, (seeds, ...) each."""
        parts = self.values.split([shape.numel() for shape in self._shapes.values()], 1)
        return {name: part.unflatten(1, shape) for part, (name, shape) in zip(parts, self._shapes.items(), strict=True)}

    @torch.no_grad()
    def restart(self, number: int) -> None:
        """Give a net new weights; the optimizer keeps its averages of the old ones' gradients."""
        self.restarts[number] += 1
        self.values[number] = self._draw(number)

    def _draw(self, number: int) -> Tensor:
        """Return a net's initial weights, (parameters,): the next ones of its seed after each restart."""
        torch.manual_seed(self.seeds[number])
        net = [self._make() for _ in range(self.restarts[number] + 1)][-1]
        return nn.utils.parameters_to_vector(net.parameters()).detach()

    def __call__(self, sequences: Tensor, state: State = ()) -> tuple[Tensor, State]:
        """Return logits, (seeds, rows, steps), and the state after the last step."""
        raise NotImplementedError


class RecurrentNets(Nets):
    """Recurrent nets side by side in one layer, whose matrices are zero between nets.

    One layer of many values is several times faster than many layers of few.
    """

    def __init__(self, unit: str, hidden_size: int, settings: ParityRecurrent, seeds: Sequence[int]) -> None:
        super().__init__(seeds, partial(recurrent_net, unit, hidden_size, settings))
        self.hidden_size = hidden_size
        self._layer = RecurrentStack(_kind(unit, settings), len(seeds), [len(seeds) * hidden_size])

    def hidden(self, sequences: Tensor) -> Tensor:
        """Return the hidden values after every step, (rows, bits, seeds, hidden size)."""
        return self._read(sequences, ())[0]

    def __call__(self, sequences: Tensor, state: State = ()) -> tuple[Tensor, State]:
        hidden, end, weights = self._read(sequences, state)
        logits = F.linear(hidden.flatten(2), weights["readout.weight"], weights["readout.bias"])
        return logits.permute(2, 0, 1), end

    def _read(self, sequences: Tensor, state: State) -> tuple[Tensor, State, dict[str, Tensor]]:
        """Return what `hidden` does, the state after the last step, and the weights of all nets joined."""
        weights = {name: self._joined(weight) for name, weight in self.weights.items()}
        layer = {name: weights[f"recurrent.{name}"] for name, _ in self._layer.named_parameters()}
        inputs = _signs(sequences).permute(1, 2, 0)
        hidden, (end,) = functional_call(self._layer, layer, (inputs, [state] if state else None))
        return hidden.unflatten(2, (-1, self.hidden_size)), end, weights

    def _joined(self, weight: Tensor) -> Tensor:
        """Return a layer's weight from all nets' (seeds, gates x hidden size[, columns])."""
        seeds, rows, *columns = weight.shape
        per_gate: Tensor = weight.unflatten(1, (max(1, rows // self.hidden_size), -1)).movedim(0, -1)
        if not columns:
            return per_gate.mT.flatten()
        return torch.diag_embed(per_gate, dim1=1, dim2=3).reshape(seeds * rows, seeds * columns[0])


class FeedforwardNets(Nets):
    """Feedforward nets side by side."""

    def __init__(self, bits: int, hidden_sizes: Sequence[int], seeds: Sequence[int]) -> None:
        super().__init__(seeds, partial(feedforward_net, bits, hidden_sizes))

    def __call__(self, sequences: Tensor, state: State = ()) -> tuple[Tensor, State]:
        values, weights = _signs(sequences), list(self.weights.values())
        for number, (weight, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
            values = torch.baddbmm(bias.unsqueeze(1), F.relu(values) if number else values, weight.mT)
        return values, ()


def recurrent_net(unit: str, hidden_size: int, settings: ParityRecurrent) -> nn.ModuleDict:
    """Return one layer of a recurrent unit that reads one bit a step, and a linear readout of its hidden values.

    A net this small depends on its initial weights. Biases are drawn with the deviation `bias_deviation`: without
    them a tanh unit is odd, and nearly linear. A `readout_deviation` far above 1 separates hidden states, and so
    passes gradients back, while they still lie close together.
    """
    layer, readout = RecurrentStack(_kind(unit, settings), 1, [hidden_size]), nn.Linear(hidden_size, 1)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if name.endswith(".bias"):  # added, since an LSTM's forget gate starts with a bias of its own
                parameter.add_(settings.bias_deviation * torch.randn_like(parameter))
    nn.init.normal_(readout.weight, std=settings.readout_deviation)
    nn.init.zeros_(readout.bias)
    return nn.ModuleDict({"recurrent": layer, "readout": readout})


def feedforward_net(bits: int, hidden_sizes: Sequence[int]) -> nn.ModuleList:
    """Return layers of rectifiers over all bits at once, initialized as in He et al. 2015, and a linear readout."""
    layers = nn.ModuleList(nn.Linear(below, width) for below, width in pairwise([bits, *hidden_sizes, 1]))
    for layer in layers[:-1]:
        assert isinstance(layer, nn.Linear)
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    return layers


def all_sequences(bits: int) -> Tensor:
    """Return every sequence of `bits` bits in counting order, (2^bits, bits)."""
    return torch.arange(2**bits).unsqueeze(1) >> torch.arange(bits - 1, -1, -1) & 1


def running_parity(sequences: Tensor) -> Tensor:
    """Return the label of every step, (..., bits)."""
    return sequences.cumsum(-1) & 1


@torch.no_grad()
def correct(nets: Nets, sequences: Tensor) -> Tensor:
    """Return which of the nets' labels are right, (seeds, rows, steps) bool."""
    return torch.cat([_correct(nets, rows) for rows in sequences.split(ROWS, 1)], 1)


def _correct(nets: Nets, sequences: Tensor) -> Tensor:
    labels = running_parity(sequences)
    if isinstance(nets, FeedforwardNets):
        return (nets(sequences)[0] > 0) == labels[..., -1:].bool()
    right, state = [], State()
    for part, answers in zip(sequences.split(SEGMENT, 2), labels.split(SEGMENT, 2), strict=True):
        logits, state = nets(part, state)
        right.append((logits > 0) == answers.bool())
    return torch.cat(right, 2)


def accuracies(nets: Nets, sequences: Tensor) -> list[Accuracy]:
    """Return each net's accuracy on its sequences."""
    right = correct(nets, sequences).double()
    return [Accuracy(*pair) for pair in zip(right[..., -1].mean(1).tolist(), right.mean((1, 2)).tolist(), strict=True)]


def _kind(unit: str, settings: ParityRecurrent) -> dict[str, Any]:
    return MOGRIFIER if unit == "mogrifier" else {"kind": unit, "activation": settings.activation}


def _signs(sequences: Tensor) -> Tensor:
    """Return bits as -1 and 1, so that a 0 moves a net as much as a 1 does."""
    return 2.0 * sequences - 1
