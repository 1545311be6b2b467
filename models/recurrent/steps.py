"""Functions that the hand-written time loops of `models.recurrent.kernels` share.

Inside the loops, tensors are (time, features, batch).
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


def steps(*sequences: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Yield the sequences' values step by step."""
    return zip(*(sequence.unbind(0) for sequence in sequences), strict=True)


def backwards(*sequences: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Yield the same from the last step to the first."""
    return zip(*(reversed(sequence.unbind(0)) for sequence in sequences), strict=True)


def room_for(inputs: Tensor, initial: Tensor) -> Tensor:
    """Allocate the initial state and the states after each step of `inputs`, in the layout of `initial`."""
    values = inputs.new_empty(inputs.shape[1] + 1, *initial.shape)
    values[0] = initial
    return values


def outputs(values: Tensor) -> Tensor:
    """Return the states without the initial one, as (batch, time, hidden size)."""
    return values[1:].permute(2, 0, 1)


def output_gradients(grad: Tensor | None, values: Tensor) -> Tensor:
    """Return what the outputs' gradient adds to each of `values`, of which the first is no output; 0 for it."""
    grads = torch.empty_like(values)
    grads[0] = 0
    grads[1:] = 0 if grad is None else grad.permute(1, 2, 0)
    return grads


def add_product(total: Tensor, matrix: Tensor, values: Tensor) -> Tensor:
    """Add `matrix` @ `values`, taken in the matrix's precision, to `total`, and return it."""
    if matrix.dtype == total.dtype:
        return total.addmm_(matrix, values)
    return total.add_(torch.mm(matrix, values.to(matrix.dtype)))


def project(inputs: Tensor, wx: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    """Return the inputs' part of all pre-activations: (time, rows of `wx`, batch)."""
    products = torch.mm(wx, side_by_side(inputs.permute(1, 2, 0), wx.dtype))
    return torch.add(products.unflatten(1, (inputs.shape[1], -1)).transpose(0, 1), b[:, None], out=out)


def input_gradients(ctx: Any, inputs: Tensor, wx: Tensor, d: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
    """Return the gradients of the arguments of `project`; `d` is its result's gradient, `side_by_side`."""
    dx = None
    if ctx.needs_input_grad[0]:
        if inputs.transpose(0, 1).is_contiguous():  # then so is their gradient
            dx = torch.mm(d.t(), wx).to(inputs.dtype).unflatten(0, (inputs.shape[1], -1)).transpose(0, 1)
        else:
            dx = torch.mm(wx.t(), d).to(inputs.dtype).unflatten(1, (inputs.shape[1], -1)).permute(2, 1, 0)
    return dx, matrix_gradient(d, inputs.permute(1, 2, 0)), d.sum(1, dtype=inputs.dtype)


def matrix_gradient(d: Tensor, values: Tensor) -> Tensor:
    """Return the gradient of a matrix that multiplied `values` (time, columns, batch).

    `d` is the gradient of the products, `side_by_side`.
    """
    return torch.mm(d, side_by_side(values, d.dtype).t())


def side_by_side(values: Tensor, precision: torch.dtype) -> Tensor:
    """Return all steps' values as one matrix (features, time * batch): one large product is faster than one per step.

    It is a view if the values lie in memory as (time, batch, features) and the precision stays.
    """
    values = values.transpose(0, 1)
    if values.stride(1) != values.shape[2] * values.stride(2):
        values = values.to(precision, memory_format=torch.contiguous_format)
    return values.flatten(1).to(precision)


def times_slope(factor: Tensor, activation: str, output: Tensor, out: Tensor) -> Tensor:
    """Write `factor` times the derivative of an activation, where it gave `output`, into `out`."""
    if activation == "relu":
        return torch.mul(factor, output > 0, out=out)
    backward = aten.tanh_backward if activation == "tanh" else aten.sigmoid_backward
    backward.grad_input(factor, output, grad_input=out)
    return out


def in_place(activation: str, like: Tensor) -> Callable[[Tensor], Tensor]:
    """Return the activation as a function that overwrites its argument."""
    if activation != "tanh" or not like.is_cpu:
        return {"tanh": torch.tanh_, "relu": torch.relu_, "sigmoid": torch.sigmoid_}[activation]
    two, minus_one = like.new_full((), 2), like.new_full((), -1)  # numbers would be converted at every call

    def tanh(x: Tensor) -> Tensor:
        # 2 sigmoid(2x) - 1: on a CPU, torch's tanh takes four times as long as its sigmoid.
        return torch.add(minus_one, x.mul_(two).sigmoid_(), alpha=2, out=x)

    return tanh
