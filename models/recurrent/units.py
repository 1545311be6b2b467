"""The recurrent units, each computed in up to three ways that give the same numbers, and layers of them.

Symbols, in every docstring: x inputs, h hidden values (h' those of the step before), c an LSTM's cell, W matrices,
b biases, * the product of elements, f the activation.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from types import ModuleType
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from models.recurrent import kernels, reference, torch_units
from models.recurrent.reference import ACTIVATIONS, LayerState, Weights

PATHS: dict[str, ModuleType] = {"reference": reference, "loop": kernels, "torch": torch_units}
State = list[LayerState]  # of a stack, one a layer
HIDDEN_WEIGHT = "hidden_weight"  # every unit's parameter that leads from one step's hidden values to the next's
Equations = Callable[[Tensor, LayerState, Weights], tuple[Tensor, ...]]


class Unit(nn.Module):
    """One recurrent layer over a batch of sequences.

    `path` pins how it is computed: "reference" (the equations, `models.recurrent.reference`), "loop" (the same with a
    hand-written backward pass, `models.recurrent.kernels`) or "torch" (torch.nn's kernels, so cuDNN on a GPU;
    `ValueError` where torch has no such unit). "auto" takes the fastest here, see `fastest_path`. The parameters are
    the same for all.

    Matrices are drawn as the book draws them, from N(0, 1 / (rows of a gate + columns)). Biases are zero, but that of
    an LSTM's forget gate is one (Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015). The
    initial state is zero, and is learnt from there with `learn_initial_state` (the book's h0).
    """

    gates: ClassVar[int]
    states: ClassVar[int] = 1
    hidden_bias: nn.Parameter | None
    cell_weight: nn.Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        activation: str = "tanh",
        learn_initial_state: bool = False,
        path: str = "auto",
        in_torch: bool = True,
        hidden_bias: bool = False,
        peepholes: bool = False,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}; choose one of {', '.join(ACTIVATIONS)}")
        if path != "auto" and path not in PATHS:
            raise ValueError(f"path is {path!r}; choose one of auto, {', '.join(PATHS)}")
        if path == "torch" and not in_torch:
            raise ValueError("path is 'torch', but torch.nn has no such unit; choose auto, loop or reference")
        self.hidden_size, self.activation, self.path, self.in_torch = hidden_size, activation, path, in_torch
        rows = self.gates * hidden_size
        self.input_weight = nn.Parameter(torch.empty(rows, input_size))
        self.hidden_weight = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias = nn.Parameter(torch.empty(rows))
        self.hidden_bias = nn.Parameter(torch.empty(hidden_size)) if hidden_bias else None
        self.cell_weight = nn.Parameter(torch.empty(3 * hidden_size, hidden_size)) if peepholes else None
        self.initial = nn.Parameter(torch.empty(self.states, hidden_size)) if learn_initial_state else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        for parameter in self.parameters():
            if parameter is self.initial or parameter.dim() == 1:
                nn.init.zeros_(parameter)
            else:
                nn.init.normal_(parameter, std=(self.hidden_size + parameter.shape[1]) ** -0.5)

    def equations(self, module: ModuleType) -> Equations:
        """The unit's function in one of the modules that compute it."""
        raise NotImplementedError

    def weights(self) -> Weights:
        """The parameters as those functions take them."""
        return Weights(self.input_weight, self.hidden_weight, self.bias, self.hidden_bias, self.cell_weight)

    def initial_state(self, batch: int) -> LayerState:
        """The state before a sequence."""
        initial = self.bias.new_zeros(self.states, self.hidden_size) if self.initial is None else self.initial
        return tuple(value.expand(batch, -1) for value in initial)

    def forward(
        self, inputs: Tensor, state: LayerState | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, LayerState]:
        """As `RecurrentStack.forward`, of one layer."""
        path = fastest_path(self, inputs, lengths) if self.path == "auto" else self.path
        if state is None:
            state = self.initial_state(len(inputs))
        return self._run(path, inputs, state, self.weights(), lengths)

    def _run(
        self, path: str, inputs: Tensor, state: LayerState, weights: Weights, lengths: Tensor | None
    ) -> tuple[Tensor, LayerState]:
        sequences = self.equations(PATHS[path])(inputs, state, weights)
        if lengths is None:
            return sequences[0], tuple(values[:, -1] for values in sequences)
        rows = torch.arange(len(inputs), device=inputs.device)
        return sequences[0], tuple(values[rows, lengths - 1] for values in sequences)


class Elman(Unit):
    """The simple recurrent unit (Elman 1990; book, chapter 1).

    h = f(x Wx + h' Wh + b)
    """

    gates = 1

    def equations(self, module: ModuleType) -> Equations:
        return partial(module.elman, activation=self.activation)


class Rated(Unit):
    """An update gate alone: the book's rated unit, a step on its way from the simple unit to the GRU. Rows: z, n.

    z = sigmoid(x Wxz + h' Whz + bz)
    n = f(x Wxn + h' Whn + bn)
    h = (1 - z) * h' + z * n
    """

    gates = 2

    def __init__(self, *sizes: int, activation: str = "tanh", **settings: Any) -> None:
        super().__init__(*sizes, activation=activation, in_torch=activation == "tanh", **settings)

    def equations(self, module: ModuleType) -> Equations:
        return partial(module.rated, activation=self.activation)


class GRU(Unit):
    """The gated recurrent unit (Cho et al. 2014). Rows: r, z, n.

    r = sigmoid(x Wxr + h' Whr + br)
    z = sigmoid(x Wxz + h' Whz + bz)
    n = f(x Wxn + (r * h') Whn + bn)      reset before the product: the paper and the book, chapter 5
    n = f(x Wxn + bn + r * (h' Whn + d))  with `reset_after`: torch.nn.GRU and cuDNN; d is the hidden bias
    h = (1 - z) * h' + z * n

    z = 1 takes the candidate, as in the book and in Chung et al. (2014); in torch.nn.GRU it keeps the old state.
    """

    gates = 3

    def __init__(self, *sizes: int, activation: str = "tanh", reset_after: bool = True, **settings: Any) -> None:
        in_torch = reset_after and activation == "tanh"
        super().__init__(*sizes, activation=activation, in_torch=in_torch, hidden_bias=reset_after, **settings)

    def equations(self, module: ModuleType) -> Equations:
        return partial(module.gru, activation=self.activation)


class LSTM(Unit):
    """Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 2000). Rows: i, f, g, o.

    i = sigmoid(x Wxi + h' Whi + c' Wci + bi)
    f = sigmoid(x Wxf + h' Whf + c' Wcf + bf)
    g = tanh(x Wxg + h' Whg + bg)
    c = f * c' + i * g
    o = sigmoid(x Wxo + h' Who + c Wco + bo)
    h = o * tanh(c)

    With `peepholes` the Wc are full matrices, as in the book, chapter 5 (Gers and Schmidhuber 2000 have diagonal ones),
    and lie in `cell_weight`, rows i, f, o. Without, they are zero: torch.nn.LSTM.
    """

    gates = 4
    states = 2

    def __init__(self, *sizes: int, peepholes: bool = False, **settings: Any) -> None:
        super().__init__(*sizes, in_torch=not peepholes, peepholes=peepholes, **settings)

    def reset_parameters(self) -> None:
        super().reset_parameters()
        nn.init.ones_(self.bias[self.hidden_size : 2 * self.hidden_size])

    def equations(self, module: ModuleType) -> Equations:
        equations: Equations = module.lstm
        return equations

    def _run(
        self, path: str, inputs: Tensor, state: LayerState, weights: Weights, lengths: Tensor | None
    ) -> tuple[Tensor, LayerState]:
        if path == "torch":  # which does not give every step's cells
            return torch_units.lstm(inputs, state, weights, lengths)
        return super()._run(path, inputs, state, weights, lengths)


def fastest_path(unit: Unit, inputs: Tensor, lengths: Tensor | None) -> str:
    """The path on which a unit is fastest where its inputs are: what `benchmarks/units.py` found.

    On a GPU that is cuDNN wherever it has the unit. On a CPU our loop beats torch.nn but in one case: oneDNN's LSTM.
    """
    if not unit.in_torch:
        return "loop"
    if not inputs.is_cpu:
        return "torch"
    onednn = isinstance(unit, LSTM) and inputs.dtype == torch.float32 and lengths is None
    return "torch" if onednn else "loop"


UNITS: dict[str, type[Unit]] = {"elman": Elman, "rated": Rated, "gru": GRU, "lstm": LSTM}


class RecurrentStack(nn.Module):
    """Recurrent layers of one unit, each reading the outputs of the one below.

    `unit` is elman, rated, gru or lstm, or a mapping of its `kind` and its own settings: `activation` (tanh, relu or
    sigmoid) of elman, rated and gru, `reset_after` of gru, `peepholes` of lstm. See `Unit` for the rest.
    """

    def __init__(
        self,
        unit: str | Mapping[str, Any],
        input_size: int,
        hidden_sizes: Sequence[int],
        *,
        learn_initial_state: bool = False,
        path: str = "auto",
    ) -> None:
        super().__init__()
        settings = {"kind": unit} if isinstance(unit, str) else dict(unit)
        kind = settings.pop("kind")
        if kind not in UNITS:
            raise ValueError(f"unit is {kind!r}; choose one of {', '.join(UNITS)}")
        settings |= {"learn_initial_state": learn_initial_state, "path": path}
        sizes = pairwise([input_size, *hidden_sizes])
        self.layers = nn.ModuleList(UNITS[kind](below, size, **settings) for below, size in sizes)

    def initial_state(self, batch: int) -> State:
        """The state before a sequence, of every layer."""
        return [layer.initial_state(batch) for layer in self._units()]

    def forward(
        self,
        inputs: Tensor,
        state: Sequence[LayerState] | None = None,
        lengths: Tensor | None = None,
        *,
        between: Callable[[Tensor], Tensor] | None = None,
    ) -> tuple[Tensor, State]:
        """(batch, time, input size) to outputs (batch, time, last hidden size) and each layer's state at the end.

        A layer's state is a tuple of (batch, hidden size): hidden values, and behind them the cell of an LSTM. `state`
        is that of every layer before the first step, by default the initial one. With `lengths`, (batch,) from 1 to
        time, the end is each sequence's own; outputs behind it mean nothing, and nothing before depends on them.
        `between` is applied to what one layer hands to the next.
        """
        outputs, ends = inputs, []
        for number, layer in enumerate(self.layers):
            if number and between is not None:
                outputs = between(outputs)
            outputs, end = layer(outputs, None if state is None else state[number], lengths)
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
                if ours is not None and theirs is not None:
                    ours.data.copy_(theirs)

    def torch_state_dict(self) -> dict[str, Tensor]:
        """The weights as those modules hold them; `ValueError` for a unit that torch.nn does not have."""
        state: dict[str, Tensor] = {}
        for layer, names in self._layers_in_torch():
            state |= zip(names, (w.detach() for w in torch_units.to_torch(layer.weights())), strict=True)
        return state

    def _layers_in_torch(self) -> list[tuple[Unit, list[str]]]:
        """Each layer with the names that torch.nn gives its weights."""
        units = self._units()
        if any(not unit.in_torch or isinstance(unit, Rated) or unit.activation == "sigmoid" for unit in units):
            raise ValueError("torch.nn has no such unit, so weights go neither there nor back")
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [(unit, [f"{kind}_l{number}" for kind in kinds]) for number, unit in enumerate(units)]

    def _units(self) -> list[Unit]:
        return [layer for layer in self.layers if isinstance(layer, Unit)]
