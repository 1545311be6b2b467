"""The parity problem (book, chapter 2): its sequences, its labels, and the nets that learn them.

Sequences are (..., bits) int64, 0 or 1. The label of a step is 1 if the number of ones up to it is odd. A recurrent net
gives a logit for the label of every step, a feedforward net for the label of the last step alone.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from models.recurrent.layers import RecurrentStack
from models.recurrent.units import compared_units

RECURRENT_NETS = {name: unit for name, (_, unit) in compared_units().items()}
HIDDEN_SIZE = 4
BIAS_DEVIATION, READOUT_DEVIATION = 1.0, 8.0  # of initial weights; in the book 0 and 0.4
TESTED_AT_ONCE = 512  # that a test computes at once
NetState = tuple[Tensor, ...]  # of all seeds, (rows, seeds x hidden size) each; empty before the first step


class RecurrentNets:
    """Nets of one unit, one for each seed, side by side in one layer, whose matrices are zero between nets.

    One layer of many values is several times faster than many layers of few. `values` are all weights, (seeds,
    parameters).
    """

    def __init__(self, unit: str, seeds: Sequence[int]) -> None:
        self.seeds, self._unit = seeds, RECURRENT_NETS[unit]
        self._layer = RecurrentStack(self._unit, len(seeds), [len(seeds) * HIDDEN_SIZE])
        self._shapes = {name: weight.shape for name, weight in self._make().named_parameters()}
        self.restarts = [0] * len(seeds)
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

    def __call__(self, sequences: Tensor, state: NetState = ()) -> tuple[Tensor, NetState]:
        """Return logits of sequences (seeds, rows, steps), as many, and the state after the last step."""
        weights = {name: _joined(weight) for name, weight in self.weights.items()}
        layer = {name: weights[f"recurrent.{name}"] for name, _ in self._layer.named_parameters()}
        inputs = signs(sequences).permute(1, 2, 0)
        hidden, (end,) = functional_call(self._layer, layer, (inputs, [state] if state else None))
        return F.linear(hidden, weights["readout.weight"], weights["readout.bias"]).permute(2, 0, 1), end

    def _make(self) -> nn.ModuleDict:
        """Return one layer of the unit that reads one bit a step, and a linear readout of its hidden values.

        A net this small depends on its initial weights. Biases are drawn, too: without them a tanh unit is odd, and
        nearly linear. A readout's deviation far above 1 separates hidden states, and so passes gradients back, while
        they still lie close together.
        """
        layer, readout = RecurrentStack(self._unit, 1, [HIDDEN_SIZE]), nn.Linear(HIDDEN_SIZE, 1)
        with torch.no_grad():
            for name, parameter in layer.named_parameters():
                if name.endswith(".bias"):  # added, since an LSTM's forget gate starts with a bias of its own
                    parameter.add_(BIAS_DEVIATION * torch.randn_like(parameter))
        nn.init.normal_(readout.weight, std=READOUT_DEVIATION)
        nn.init.zeros_(readout.bias)
        return nn.ModuleDict({"recurrent": layer, "readout": readout})

    def _draw(self, number: int) -> Tensor:
        """Return a net's initial weights, (parameters,): the next ones of its seed after each restart."""
        torch.manual_seed(self.seeds[number])
        net = [self._make() for _ in range(self.restarts[number] + 1)][-1]
        return nn.utils.parameters_to_vector(net.parameters()).detach()


def _joined(weight: Tensor) -> Tensor:
    """Return a layer's weight from all nets' (seeds, gates x hidden size[, columns])."""
    seeds, rows, *columns = weight.shape
    per_gate: Tensor = weight.unflatten(1, (max(1, rows // HIDDEN_SIZE), -1)).movedim(0, -1)
    if not columns:
        return per_gate.mT.flatten()
    return torch.diag_embed(per_gate, dim1=1, dim2=3).reshape(seeds * rows, seeds * columns[0])


def feedforward_net(bits: int, hidden_sizes: Sequence[int], seed: int) -> nn.Sequential:
    """Return layers of rectifiers over all bits at once, initialized as in He et al. 2015, and a linear readout."""
    torch.manual_seed(seed)
    layers = [nn.Linear(below, width) for below, width in pairwise([bits, *hidden_sizes, 1])]
    for layer in layers[:-1]:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    return nn.Sequential(*(part for layer in layers[:-1] for part in (layer, nn.ReLU())), layers[-1])


def all_sequences(bits: int) -> Tensor:
    """Return every sequence of `bits` bits in counting order, (2^bits, bits)."""
    return torch.arange(2**bits).unsqueeze(1) >> torch.arange(bits - 1, -1, -1) & 1


def running_parity(sequences: Tensor) -> Tensor:
    """Return the label of every step, (..., bits)."""
    return sequences.cumsum(-1) & 1


def signs(sequences: Tensor) -> Tensor:
    """Return bits as -1 and 1, so that a 0 moves a net as much as a 1 does."""
    return 2.0 * sequences - 1


@torch.no_grad()
def accuracies(net: RecurrentNets | nn.Sequential, sequences: Tensor) -> list[float]:
    """Return the share of sequences (rows, bits) whose last label is right, of each net."""
    logits = [
        net(rows.expand(len(net.seeds), -1, -1))[0][..., -1] if isinstance(net, RecurrentNets) else net(signs(rows)).T
        for rows in sequences.split(TESTED_AT_ONCE)
    ]
    right = (torch.cat(logits, 1) > 0) == running_parity(sequences)[:, -1].bool()
    found: list[float] = right.double().mean(1).tolist()
    return found
