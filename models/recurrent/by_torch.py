"""A unit's step, computed by torch, which differentiates it, over the steps of a sequence.

Products are taken in the precision of the matrix, sums in the precision of what is added to.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from models.recurrent.units import Activation, Functions, Unit

LayerState = tuple[Tensor, ...]  # (batch, hidden size) each: the hidden values, and for an LSTM then the cell
Weights = Mapping[str, Tensor]  # a layer's parameters by name
ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
}


def by_steps(unit: Unit, inputs: Tensor, state: LayerState, weights: Weights) -> tuple[Tensor, LayerState]:
    """Return the outputs (batch, time, hidden size), the hidden values after each step, and the state after the last.

    `inputs` are (batch, time, input size), `state` is the state before the first step.
    """
    f, outputs = TorchFunctions(unit, inputs, weights), []
    for x in inputs.unbind(1):
        f.x, f.place = x, 0
        state = unit.step(f, x, *state)
        outputs.append(state[0])
    return torch.stack(outputs).transpose(0, 1), state


class TorchFunctions(Functions):
    """The functions of the steps of one sequence.

    Every step makes the same calls, so what a call can compute for all steps together, it makes at the first step.
    """

    def __init__(self, unit: Unit, inputs: Tensor, weights: Weights) -> None:
        self.gates, self.inputs, self.weights = unit.gates, inputs, weights
        self.size = len(weights["bias"]) // len(unit.gates)
        self.made: list[Callable[..., Tensor]] = []
        self.x, self.place = inputs, 0  # of the step, and how many of its calls have been made

    def act(self, activation: Activation, values: Tensor) -> Tensor:
        return ACTIVATIONS[activation](values)

    def mix(self, old: Tensor, new: Tensor, share: Tensor) -> Tensor:
        return torch.lerp(old, new, share)

    def add(self, total: Tensor, one: Tensor, other: Tensor) -> Tensor:
        return torch.addcmul(total, one, other)

    def split(self, values: Tensor, *sizes: int) -> Sequence[Tensor]:
        parts: Sequence[Tensor] = values.split([size * self.size for size in sizes] if sizes else self.size, 1)
        return parts

    def parameter(self, name: str, first: int = 0, end: int | None = None) -> Tensor:
        return self.weights[name][self._rows(first, end)]

    def product(self, name: str, values: Tensor, first: int = 0, end: int | None = None) -> Tensor:
        def make() -> Callable[..., Tensor]:
            matrix = self.weights[name][self._rows(first, end)]
            return Sums(repeated(self.inputs.new_zeros(len(matrix)), self.inputs), matrix)

        return self._next(make)(values)

    def sums(self, x: Tensor, h: Tensor | None = None, *gates: str) -> Tensor:
        def make() -> Callable[..., Tensor]:
            places = [self.gates.index(gate) for gate in gates or self.gates]
            rows = self._rows(places[0], places[-1] + 1)
            names = ("input_weight", "bias") if h is None else ("input_weight", "bias", "hidden_weight")
            return self._summed(*(self.weights[name][rows] for name in names), of_inputs=x is self.x)

        return self._next(make)(x, h)

    def sums_apart(self, x: Tensor, h: Tensor, bias: str) -> Sequence[Tensor]:
        def make() -> Callable[..., Tensor]:
            wx, wh, b, hidden_bias = (self.weights[name] for name in ("input_weight", "hidden_weight", "bias", bias))
            others, last = wh.split([len(wh) - self.size, self.size])
            wx = torch.cat([wx, wx.new_zeros(self.size, wx.shape[1])])  # the last gate's rows are there twice
            wh = torch.cat([others, torch.zeros_like(last), last])
            return self._summed(wx, torch.cat([b, hidden_bias]), wh, of_inputs=x is self.x)

        return self.split(self._next(make)(x, h), len(self.gates) - 1, 1, 1)

    def _next(self, make: Callable[[], Callable[..., Tensor]]) -> Callable[..., Tensor]:
        """Return what the step's next call computes with, which `make` returns at the first step."""
        self.place += 1
        if self.place > len(self.made):
            self.made.append(make())
        return self.made[self.place - 1]

    def _summed(self, wx: Tensor, b: Tensor, wh: Tensor | None = None, *, of_inputs: bool) -> Callable[..., Tensor]:
        """Return a function of each step's x and h in turn: the sums of gates, before their activations.

        The inputs' part is computed before the loop, except where the step changes the inputs, as the Mogrifier does.
        """
        if not of_inputs:
            both = Sums(repeated(b, self.inputs), wx if wh is None else torch.cat([wx, wh], 1))
            return lambda x, h: both(x if h is None else torch.cat([x, h], 1))
        given = project(self.inputs, wx, b)
        if wh is None:
            steps = iter(given.unbind(0))
            return lambda x, h: next(steps)
        hidden = Sums(given, wh)
        return lambda x, h: hidden(h)


class Sums:
    """Adds, at each step in turn, the product of a matrix and a value to what is given.

    `given` is (time, batch, rows of the matrix). The gradient of the matrix is a single product over all steps, which
    takes less time than a product and a sum at each step.
    """

    def __init__(self, given: Tensor, matrix: Tensor) -> None:
        self.columns = matrix.detach().t()
        self.values: list[Tensor] = []
        self.given = iter(_Given.apply(given, matrix, self.values).unbind(0))  # type: ignore[no-untyped-call]

    def __call__(self, values: Tensor) -> Tensor:
        """Return the sums (batch, rows) of the next step for its `values` (batch, columns)."""
        self.values.append(values.detach())
        return add_product(next(self.given), values, self.columns)


class _Given(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, given: Tensor, matrix: Tensor, values: list[Tensor]) -> Tensor:
        ctx.values, ctx.precision = values, matrix.dtype
        return given.view_as(given)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        """`grad` is the gradient of all steps' sums, so `values` holds those of all steps."""
        return grad, matrix_gradient(grad, torch.stack(ctx.values), ctx.precision), None


def add_product(total: Tensor, values: Tensor, matrix: Tensor) -> Tensor:
    """Return `total` + `values` @ `matrix`."""
    if matrix.dtype == total.dtype:
        return torch.addmm(total, values, matrix)
    return total + values.to(matrix.dtype) @ matrix


def matrix_gradient(grad: Tensor, values: Tensor, precision: torch.dtype) -> Tensor:
    """Return the gradient of a matrix that multiplied `values` at all steps; `grad` is the products' gradient."""
    return grad.flatten(0, 1).to(precision).t() @ values.flatten(0, 1).to(precision)


def project(inputs: Tensor, matrix: Tensor, bias: Tensor) -> Tensor:
    """Return the inputs' part of all steps' sums; inputs are (batch, time, input size)."""
    steps = inputs.transpose(0, 1)
    if matrix.dtype == bias.dtype:
        return torch.nn.functional.linear(steps, matrix, bias)
    return torch.nn.functional.linear(steps.to(matrix.dtype), matrix) + bias


def repeated(values: Tensor, inputs: Tensor) -> Tensor:
    """Return the same values (rows) or number for each step of each of the `inputs` (batch, time, input size)."""
    return values.expand(inputs.shape[1], len(inputs), -1)
