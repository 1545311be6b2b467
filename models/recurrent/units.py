"""The recurrent units as modules, and layers of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from models.recurrent import equations, gru_kernel, torch_units
from models.recurrent.devices import multiplies_bfloat16
from models.recurrent.equations import ROWS, LayerState, Weights

SMALL = 1 << 14  # values of a hidden matrix, such as a GRU of 64 has
State = list[LayerState]  # of a stack, one per layer
Kind = str | Mapping[str, Any]  # alone, or with its settings
HIDDEN_WEIGHT = "hidden_weight"  # the parameter that leads from one step's hidden values to the next's; minGRU has none


class Unit(nn.Module):
    """One recurrent layer over a batch of sequences.

    `kind` names its equations in `models.recurrent.equations`, which also explain `activation` (elman, rated, gru),
    `reset_after` (GRU), `peepholes` (LSTM) and `mogrifier` (GRU and LSTM; the number of rounds).

    With `bfloat16`, matrices multiply in that precision where the hardware does so fast. Parameters stay float32. So do
    the state and the gates, except in torch's own kernels.

    Matrices are drawn as the book draws them, from N(0, 1 / (rows of a gate + columns)). Biases are zero; only an
    LSTM's forget gate has a bias of one (Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015).
    The initial state is zero; with `learn_initial_state` it is trained (the book's h0).
    """

    def __init__(
        self,
        kind: str,
        input_size: int,
        hidden_size: int,
        *,
        activation: str = "tanh",
        reset_after: bool = True,
        peepholes: bool = False,
        mogrifier: int = 0,
        learn_initial_state: bool = False,
        bfloat16: bool = False,
    ) -> None:
        super().__init__()
        self.kind, self.hidden_size, self.activation, self.in_bfloat16 = kind, hidden_size, activation, bfloat16
        self.states = 2 if kind == "lstm" else 1
        reset_after, peepholes = kind == "gru" and reset_after, kind == "lstm" and peepholes
        rows = len(ROWS[kind]) * hidden_size
        self.input_weight = nn.Parameter(torch.empty(rows, input_size))
        self.hidden_weight = nn.Parameter(torch.empty(rows, hidden_size)) if kind != "mingru" else None
        self.bias = nn.Parameter(torch.empty(rows))
        self.hidden_bias = nn.Parameter(torch.empty(hidden_size)) if reset_after else None
        self.cell_weight = nn.Parameter(torch.empty(3 * hidden_size, hidden_size)) if peepholes else None
        self.mogrifier = nn.ParameterList(_round_matrices(input_size, hidden_size, mogrifier))
        self.initial = nn.Parameter(torch.empty(self.states, hidden_size)) if learn_initial_state else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        for name, parameter in self.named_parameters():
            if parameter is self.initial or parameter.dim() == 1:
                nn.init.zeros_(parameter)
            else:
                rows = len(parameter) if name.startswith("mogrifier") else self.hidden_size
                nn.init.normal_(parameter, std=(rows + parameter.shape[1]) ** -0.5)
        if self.kind == "lstm":
            nn.init.ones_(self.bias[self.hidden_size : 2 * self.hidden_size])

    def weights(self) -> Weights:
        """Return the parameters as the equations take them."""
        hidden = self.bias.new_empty(0, self.hidden_size) if self.hidden_weight is None else self.hidden_weight
        return Weights(self.input_weight, hidden, self.bias, self.hidden_bias, self.cell_weight, tuple(self.mogrifier))

    def initial_state(self, batch: int) -> LayerState:
        """Return the state before a sequence."""
        initial = self.bias.new_zeros(self.states, self.hidden_size) if self.initial is None else self.initial
        return tuple(value.expand(batch, -1) for value in initial)

    def forward(self, inputs: Tensor, state: LayerState | None = None) -> tuple[Tensor, LayerState]:
        """Return outputs and state as `RecurrentStack.forward` does, for one layer."""
        low = self.in_bfloat16 and multiplies_bfloat16(inputs.device)
        weights = in_bfloat16(self.weights()) if low else self.weights()
        state = self.initial_state(len(inputs)) if state is None else state
        return self.fastest(inputs, low)(inputs, state, weights, self.activation)

    @property
    def in_torch(self) -> bool:
        """Whether torch.nn has the unit."""
        return not self.mogrifier and {
            "elman": self.activation != "sigmoid",
            "gru": self.activation == "tanh" and self.hidden_bias is not None,
            "lstm": self.cell_weight is None,
        }.get(self.kind, False)

    def fastest(self, inputs: Tensor, low: bool) -> Callable[..., tuple[Tensor, LayerState]]:
        """Return the function that computes the unit fastest on the device of the inputs; all give the same numbers.

        On a GPU this is cuDNN's, if it has the unit. On a CPU it is oneDNN's LSTM in float32, and in bfloat16 (`low`)
        up to some 300 hidden values; the GRU has a kernel of ours.
        """
        onednn = self.kind == "lstm" and inputs.dtype == torch.float32 and not (low and self.hidden_size > 300)
        module: ModuleType = equations
        if self.in_torch and (onednn or not inputs.is_cpu):
            module = torch_units
        elif self.hidden_bias is not None and not self.mogrifier:
            module = gru_kernel
        function: Callable[..., tuple[Tensor, LayerState]] = getattr(module, self.kind)
        return function


def _round_matrices(input_size: int, hidden_size: int, rounds: int) -> Iterator[Tensor]:
    """Yield the matrices of the Mogrifier's rounds in turn: for inputs by hidden values, then the reverse."""
    for number in range(rounds):
        rows, columns = (hidden_size, input_size) if number % 2 else (input_size, hidden_size)
        yield torch.empty(rows, columns)


def in_bfloat16(weights: Weights) -> Weights:
    """Return the same with matrices in bfloat16, in which products then are taken.

    On a CPU a small hidden matrix stays float32: converting each step's values takes longer than its product gains.
    """
    small = weights.hidden.is_cpu and weights.hidden.numel() <= SMALL
    hidden = weights.hidden if small else weights.hidden.bfloat16()
    cell = None if weights.cell is None else weights.cell.bfloat16()
    rounds = tuple(matrix.bfloat16() for matrix in weights.rounds)
    return weights._replace(input=weights.input.bfloat16(), hidden=hidden, cell=cell, rounds=rounds)


def spelled_out(kind: Kind) -> dict[str, Any]:
    """Return a kind, which may be given alone, as a mapping with its settings."""
    return {"kind": kind} if isinstance(kind, str) else dict(kind)


class RecurrentStack(nn.Module):
    """Recurrent layers of one unit, each reading the outputs of the one below.

    `unit` is elman, rated, gru, lstm or mingru, or a mapping with its `kind` and its own settings; none has no layer.
    `Unit` explains them and the other arguments.
    """

    def __init__(
        self,
        unit: Kind,
        input_size: int,
        hidden_sizes: Sequence[int],
        *,
        learn_initial_state: bool = False,
        bfloat16: bool = False,
    ) -> None:
        super().__init__()
        settings = spelled_out(unit) | {"learn_initial_state": learn_initial_state, "bfloat16": bfloat16}
        sizes = pairwise([input_size, *hidden_sizes] if settings["kind"] != "none" else [])
        self.layers = nn.ModuleList(Unit(input_size=below, hidden_size=size, **settings) for below, size in sizes)

    def initial_state(self, batch: int) -> State:
        """Return the state of every layer before a sequence."""
        return [layer.initial_state(batch) for layer in self.layers if isinstance(layer, Unit)]

    def forward(
        self,
        inputs: Tensor,
        state: Sequence[LayerState] | None = None,
        *,
        between: Callable[[Tensor], Tensor] | None = None,
    ) -> tuple[Tensor, State]:
        """Return outputs (batch, time, last hidden size) for (batch, time, input size), and each layer's last state.

        A layer's state is a tuple of (batch, hidden size): the hidden values, and for an LSTM then the cell. `state`
        holds every layer's state before the first step, by default the initial one. `between` is applied to the outputs
        of each layer before the next layer reads them.
        """
        outputs, ends = inputs, []
        for number, layer in enumerate(self.layers):
            if number and between is not None:
                outputs = between(outputs)
            outputs, end = layer(outputs, None if state is None else state[number])
            ends.append(end)
        return outputs, ends
