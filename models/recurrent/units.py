"""The recurrent units, each computed in up to three ways that give the same numbers, and layers of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from models.recurrent import kernels, reference, scan, torch_units
from models.recurrent.devices import multiplies_bfloat16
from models.recurrent.reference import ACTIVATIONS, ROWS, LayerState, Weights

PATHS: dict[str, ModuleType] = {"reference": reference, "loop": kernels, "torch": torch_units, "scan": scan}
SMALL = 1 << 14  # values of a hidden matrix, such as a GRU of 64 has
State = list[LayerState]  # of a stack, one per layer
Kind = str | Mapping[str, Any]  # alone, or with its settings
HIDDEN_WEIGHT = "hidden_weight"  # the parameter that leads from one step's hidden values to the next's; minGRU has none


class Unit(nn.Module):
    """One recurrent layer over a batch of sequences.

    `kind` names its equations in `models.recurrent.reference`, which also explain `activation` (elman, rated, gru),
    `reset_after` (GRU), `peepholes` (LSTM) and `mogrifier` (GRU and LSTM; the number of rounds).

    With `bfloat16`, matrices multiply in that precision where the hardware does so fast, on all paths but "reference".
    Parameters stay float32. So do the state and the gates, except in torch's own kernels.

    `path` chooses how it is computed: "reference" (the equations), "loop" (the same with a hand-written backward pass,
    `models.recurrent.kernels`), "torch" (torch.nn's kernels, so cuDNN on a GPU; `ValueError` if torch has no such
    unit) or "scan" (all steps of mingru at once; `ValueError` for others). "auto" chooses the fastest one. All
    paths have the same parameters.

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
        path: str = "auto",
    ) -> None:
        super().__init__()
        if kind not in ROWS:
            raise ValueError(f"unit is {kind!r}; choose one of {', '.join(ROWS)}")
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}; choose one of {', '.join(ACTIVATIONS)}")
        if path != "auto" and path not in PATHS:
            raise ValueError(f"path is {path!r}; choose one of auto, {', '.join(PATHS)}")
        tanh = activation == "tanh"
        in_torch = {
            "elman": True,
            "rated": tanh,
            "gru": tanh and reset_after and not mogrifier,
            "lstm": not peepholes and not mogrifier,
            "mingru": False,
        }
        if path == "torch" and not in_torch[kind]:
            raise ValueError("path is 'torch', but torch.nn has no such unit; choose auto, loop or reference")
        if path == "scan" and kind != "mingru":
            raise ValueError(f"path is 'scan', but {kind} is not linear in its state; choose auto, loop or reference")
        if mogrifier and kind not in ("gru", "lstm"):
            raise ValueError(f"mogrifier is {mogrifier}, but unit is {kind!r}; choose gru or lstm")
        if mogrifier and (peepholes or (kind == "gru" and not reset_after)):
            path = "reference"  # no other path has rounds for the book's variants
        self.kind, self.hidden_size, self.activation, self.path = kind, hidden_size, activation, path
        self.in_bfloat16 = bfloat16
        self.in_torch, self.states = in_torch[kind], 2 if kind == "lstm" else 1
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
        """Return the parameters as the paths' functions take them."""
        hidden = self.bias.new_empty(0, self.hidden_size) if self.hidden_weight is None else self.hidden_weight
        return Weights(self.input_weight, hidden, self.bias, self.hidden_bias, self.cell_weight, tuple(self.mogrifier))

    def initial_state(self, batch: int) -> LayerState:
        """Return the state before a sequence."""
        initial = self.bias.new_zeros(self.states, self.hidden_size) if self.initial is None else self.initial
        return tuple(value.expand(batch, -1) for value in initial)

    def forward(self, inputs: Tensor, state: LayerState | None = None) -> tuple[Tensor, LayerState]:
        """Return outputs and state as `RecurrentStack.forward` does, for one layer."""
        low = self.in_bfloat16 and multiplies_bfloat16(inputs.device)
        path = self.fastest_path(inputs, low) if self.path == "auto" else self.path
        state = self.initial_state(len(inputs)) if state is None else state
        weights = in_bfloat16(self.weights()) if low and path != "reference" else self.weights()
        if path == "torch" and self.kind == "lstm":  # which does not return every step's cells
            return torch_units.lstm(inputs, state, weights)
        sequences = getattr(PATHS[path], self.kind)(inputs, state, weights, self.activation)
        return sequences[0], tuple(values[:, -1] for values in sequences)

    def fastest_path(self, inputs: Tensor, low: bool) -> str:
        """Return the fastest path on the device of the inputs, as `benchmarks/units.py` measured.

        On a GPU this is cuDNN if it has the unit, and the scan for mingru, which has fewer kernels (not measured: no
        GPU was available). On a CPU our loop beats the scan at usual lengths. It also beats torch.nn, except oneDNN's
        LSTM in float32, and in bfloat16 (`low`) up to some 300 hidden values.
        """
        if self.kind == "mingru" and not inputs.is_cpu:
            return "scan"
        onednn = self.kind == "lstm" and inputs.dtype == torch.float32 and not (low and self.hidden_size > 300)
        return "torch" if self.in_torch and (onednn or not inputs.is_cpu) else "loop"


def _round_matrices(input_size: int, hidden_size: int, rounds: int) -> Iterator[Tensor]:
    """Yield the matrices of the Mogrifier's rounds in turn: for inputs by hidden values, then the reverse."""
    for number in range(rounds):
        rows, columns = (hidden_size, input_size) if number % 2 else (input_size, hidden_size)
        yield torch.empty(rows, columns)


def in_bfloat16(weights: Weights) -> Weights:
    """Return the same with matrices in bfloat16, in which the fast paths then multiply.

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

    `unit` is elman, rated, gru, lstm or mingru, or a mapping with its `kind` and its own settings. `Unit` explains
    them and the other arguments.
    """

    def __init__(
        self,
        unit: Kind,
        input_size: int,
        hidden_sizes: Sequence[int],
        *,
        learn_initial_state: bool = False,
        bfloat16: bool = False,
        path: str = "auto",
    ) -> None:
        super().__init__()
        settings = spelled_out(unit) | {"learn_initial_state": learn_initial_state, "bfloat16": bfloat16, "path": path}
        sizes = pairwise([input_size, *hidden_sizes])
        self.layers = nn.ModuleList(Unit(input_size=below, hidden_size=size, **settings) for below, size in sizes)

    def initial_state(self, batch: int) -> State:
        """Return the state of every layer before a sequence."""
        return [layer.initial_state(batch) for layer in self._units()]

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

    def load_torch_state_dict(self, weights: Mapping[str, Tensor]) -> None:
        """Take over the weights of a torch.nn.RNN, GRU (here with `reset_after`) or LSTM (without peepholes)."""
        layers = self._layers_in_torch()
        if set(weights) != {name for _, names in layers for name in names}:
            raise ValueError(
                f"these are not the weights of {len(layers)} such layers of torch.nn: {', '.join(weights)}"
            )
        for layer, names in layers:
            loaded = torch_units.from_torch(*(weights[name] for name in names))
            for ours, theirs in zip(layer.weights(), loaded, strict=True):
                if isinstance(ours, Tensor) and isinstance(theirs, Tensor):
                    ours.data.copy_(theirs)

    def torch_state_dict(self) -> dict[str, Tensor]:
        """Return the weights as those modules hold them; raises `ValueError` if torch.nn does not have the unit."""
        return {
            name: weight.detach()
            for layer, names in self._layers_in_torch()
            for name, weight in zip(names, torch_units.to_torch(layer.weights()), strict=True)
        }

    def _layers_in_torch(self) -> list[tuple[Unit, list[str]]]:
        """Return each layer with the names that torch.nn gives its weights."""
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        layers = [(unit, [f"{kind}_l{number}" for kind in kinds]) for number, unit in enumerate(self._units())]
        if any(not unit.in_torch or unit.kind == "rated" or unit.activation == "sigmoid" for unit, _ in layers):
            raise ValueError("torch.nn has no such unit, so its weights cannot be converted")
        return layers

    def _units(self) -> Iterator[Unit]:
        return (layer for layer in self.layers if isinstance(layer, Unit))
