"""Second derivatives through hand-written backward passes raise."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from models.losses import SampledSoftmax
from models.recurrent.units import RecurrentStack
from models.rows import take_rows
from models.softmax import softmax_loss

UNITS: dict[str, dict[str, Any]] = {
    "elman": {"kind": "elman"},
    "rated": {"kind": "rated"},
    "gru, reset before": {"kind": "gru", "reset_after": False},
    "gru, reset after": {"kind": "gru"},
    "lstm": {"kind": "lstm"},
    "lstm, peepholes": {"kind": "lstm", "peepholes": True},
    "gru, mogrifier": {"kind": "gru", "mogrifier": 3},
    "lstm, mogrifier": {"kind": "lstm", "mogrifier": 2},
    "mingru": {"kind": "mingru"},
}
SOFTMAXES = ["exact", "bfloat16", "sampled"]


def of_unit(name: str) -> tuple[Tensor, list[Tensor]]:
    """A number and what it depends on."""
    stack = RecurrentStack(UNITS[name], 3, [4], path="loop", learn_initial_state=True)
    inputs = torch.randn(2, 5, 3, requires_grad=True)
    return stack(inputs)[0].sum(), [inputs, *stack.parameters()]


def of_softmax(name: str) -> tuple[Tensor, list[Tensor]]:
    hidden, targets = torch.randn(6, 4, requires_grad=True), torch.arange(6)
    layer = SampledSoftmax(4, 10, negatives=3, counts=torch.ones(10))
    if name == "sampled":
        return layer.loss(hidden, targets), [hidden, *layer.parameters()]
    loss = softmax_loss(hidden, targets, layer.weight, layer.bias, bfloat16=name == "bfloat16")
    return loss, [hidden, *layer.parameters()]


def of_rows(name: str) -> tuple[Tensor, list[Tensor]]:
    matrix = torch.randn(5, 3, requires_grad=True)
    return take_rows(matrix, torch.tensor([1, 3, 1])).square().sum(), [matrix]


@pytest.mark.parametrize(
    ("make", "name"),
    [*((of_unit, name) for name in UNITS), *((of_softmax, name) for name in SOFTMAXES), (of_rows, "sparse")],
)
def test_a_second_derivative_raises(make: Callable[[str], tuple[Tensor, list[Tensor]]], name: str) -> None:
    """Also if the first one's incoming gradient is constant, and for every variable."""
    value, leaves = make(name)
    for first in torch.autograd.grad(value, leaves, create_graph=True):
        for leaf in leaves:
            with pytest.raises(RuntimeError, match="no second derivative"):
                torch.autograd.grad(first.sum(), leaf, retain_graph=True, allow_unused=True)


@pytest.mark.parametrize("name", UNITS)
def test_a_first_derivative_with_a_graph_is_the_same(name: str) -> None:
    value, leaves = of_unit(name)
    plain = torch.autograd.grad(value, leaves, retain_graph=True)
    for one, other in zip(torch.autograd.grad(value, leaves, create_graph=True), plain, strict=True):
        torch.testing.assert_close(one, other)


# Without mingru: torch's own backward pass computes the gradients of its matrix.
@pytest.mark.parametrize(
    ("make", "name"),
    [*((of_unit, name) for name in UNITS if name != "mingru"), *((of_softmax, name) for name in SOFTMAXES)],
)
def test_an_autocast_region_does_not_round_a_gradient(
    make: Callable[[str], tuple[Tensor, list[Tensor]]], name: str
) -> None:
    value, leaves = make(name)
    plain = torch.autograd.grad(value, leaves, retain_graph=True)
    with torch.autocast("cpu", torch.bfloat16):
        found = torch.autograd.grad(value, leaves)
    assert all(map(torch.equal, found, plain))
