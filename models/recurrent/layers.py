"""Layers of recurrent units as modules."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from models.recurrent.by_torch import LayerState, Weights
from models.recurrent.devices import multiplies_bfloat16
from models.recurrent.fast import fastest
from models.recurrent.units import Kind, spelled_out, unit_of

SMALL = 1 << 14  # values of a hidden matrix, such as a GRU of 64 has
State = list[LayerState]  # of a stack, one per layer


class Layer(nn.Module):
    """One recurrent layer over a batch of sequences, of a unit of `models.recurrent.units`.

    With `bfloat16`, matrices multiply in that precision where the hardware does so fast. Parameters stay float32. So do
    the state and the gates, except in torch's own kernels.

    Matrices are drawn as the book draws them, from N(0, 1 / (rows of a gate + columns)). Biases are zero, but for those
    of the unit's `ones`. The initial state is zero; with `learn_initial_state` it is trained (the book's h0).
    """

    def __init__(
        self,
        unit: Kind,
        input_size: int,
        hidden_size: int,
        *,
        learn_initial_state: bool = False,
        bfloat16: bool = False,
    ) -> None:
        super().__init__()
        self.unit, self.hidden_size, self.in_bfloat16 = unit_of(unit), hidden_size, bfloat16
        self.names = list(shapes := self.unit.shapes(input_size, hidden_size))
        for name, shape in shapes.items():
            group, _, own = name.rpartition(".")
            if own == "0":
                self.add_module(group, nn.Module())
            self.get_submodule(group).register_parameter(own, nn.Parameter(torch.empty(shape)))
        states = torch.empty(self.unit.states, hidden_size)
        self.initial = nn.Parameter(states) if learn_initial_state else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        for name, parameter in self.named_parameters():
            if parameter is self.initial or parameter.dim() == 1:
                nn.init.zeros_(parameter)
            else:
                rows = len(parameter) if "." in name else self.hidden_size  # a matrix of a list is whole
                nn.init.normal_(parameter, std=(rows + parameter.shape[1]) ** -0.5)
        for gate in self.unit.ones:
            nn.init.ones_(self.weights()["bias"].unflatten(0, (-1, self.hidden_size))[self.unit.gates.index(gate)])

    def weights(self) -> Weights:
        """Return the parameters that a step takes."""
        own = dict(self.named_parameters())
        return {name: own[name] for name in self.names}

    def initial_state(self, batch: int) -> LayerState:
        """Return the state before a sequence."""
        initial: Tensor | None = self.initial
        if initial is None:
            initial = self.weights()["bias"].new_zeros(self.unit.states, self.hidden_size)
        return tuple(value.expand(batch, -1) for value in initial)

    def forward(self, inputs: Tensor, state: LayerState | None = None) -> tuple[Tensor, LayerState]:
        """Return outputs and state as `RecurrentStack.forward` does, for one layer."""
        low = self.in_bfloat16 and multiplies_bfloat16(inputs.device)
        weights = in_bfloat16(self.weights()) if low else self.weights()
        state = self.initial_state(len(inputs)) if state is None else state
        return fastest(self.unit, inputs, self.hidden_size, low)(self.unit, inputs, state, weights)


def in_bfloat16(weights: Weights) -> Weights:
    """Return the same with matrices in bfloat16, in which products then are taken.

    On a CPU a small hidden matrix stays float32: converting each step's values takes longer than its product gains.
    """
    hidden = weights.get("hidden_weight")
    kept = hidden if hidden is not None and hidden.is_cpu and hidden.numel() <= SMALL else None
    return {name: own if own is kept or own.dim() == 1 else own.bfloat16() for name, own in weights.items()}


class RecurrentStack(nn.Module):
    """Recurrent layers of one unit, each reading the outputs of the one below.

    `unit` is the name of a unit, or a mapping with its `kind` and its own settings; none has no layer. `Layer` explains
    the other arguments.
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
        sizes = pairwise([input_size, *hidden_sizes] if spelled_out(unit)["kind"] != "none" else [])
        settings = {"learn_initial_state": learn_initial_state, "bfloat16": bfloat16}
        self.layers = nn.ModuleList(Layer(unit, below, size, **settings) for below, size in sizes)

    def initial_state(self, batch: int) -> State:
        """Return the state of every layer before a sequence."""
        return [layer.initial_state(batch) for layer in self.layers if isinstance(layer, Layer)]

    def hidden_weights(self) -> dict[str, Tensor]:
        """Return by name the matrices that lead from one step's hidden values to the next's."""
        layers = ((f"layers.{k}", layer.unit.hidden) for k, layer in enumerate(self.layers) if isinstance(layer, Layer))
        names = (f"{layer}.{name}" for layer, own in layers for name in own)
        return {name: self.get_parameter(name) for name in names}

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
