"""Hand-written backward passes that have no second derivative."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor

from models.recurrent.devices import without_autocast

Gradients = tuple[Tensor | None, ...]


def first_derivative_only(backward: Callable[..., Gradients]) -> Callable[..., Gradients]:
    """Return a `backward` of a `torch.autograd.Function` whose results raise `RuntimeError` when differentiated.

    torch's `once_differentiable` does so only where the incoming gradient needs a gradient itself; elsewhere its
    results look constant, and a second derivative silently lacks their part. Here the results depend on all saved
    tensors, so the function must save every input that it has a gradient for. Within an autocast region it keeps its
    precision, as the forward pass does.
    """

    @wraps(backward)
    def checked(ctx: Any, *grads: Tensor | None) -> Gradients:
        with torch.no_grad(), without_autocast(ctx.saved_tensors[0].device):
            results = backward(ctx, *grads)
        if not torch.is_grad_enabled():
            return results
        inputs = [tensor for tensor in (*ctx.saved_tensors, *grads) if tensor is not None and tensor.requires_grad]
        return tuple(None if result is None else _Last.apply(result, *inputs) for result in results)  # type: ignore[no-untyped-call]

    return checked


class _Last(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, result: Tensor, *inputs: Tensor) -> Tensor:
        return result.detach()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Gradients:
        raise RuntimeError("this function has a hand-written first derivative and no second derivative")
