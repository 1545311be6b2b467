"""Sums of a matrix's products over the steps of a sequence. Tensors are (time, batch, features).

Products are taken in the precision of the matrix, sums in the precision of what is added to.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


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
