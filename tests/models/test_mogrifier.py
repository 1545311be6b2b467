"""The hand-written passes of the Mogrifier and the minimal GRU: matrices in bfloat16, and no second derivative."""

from typing import Any

import pytest
import torch

from models.recurrent.mogrifier import GRU, LSTM
from models.recurrent.reference import Weights
from models.recurrent.scan import in_turn, minimal_gru
from models.recurrent.units import RecurrentStack, Unit

KINDS: list[dict[str, Any]] = [{"kind": "gru", "mogrifier": 5}, {"kind": "lstm", "mogrifier": 5}, {"kind": "mingru"}]


def a_unit(settings: dict[str, Any]) -> Unit:
    torch.manual_seed(1)
    (unit,) = RecurrentStack(settings, 8, [8]).layers
    assert isinstance(unit, Unit)
    return unit


def outputs_of(kind: str, inputs: torch.Tensor, state: tuple[torch.Tensor, ...], weights: Weights) -> Any:
    if kind == "mingru":
        return minimal_gru(inputs, state, weights, in_turn)[0]
    if kind == "gru":
        return GRU.apply(inputs, *state, *weights[:4], "tanh", *weights.rounds)  # type: ignore[no-untyped-call]
    return LSTM.apply(inputs, *state, *weights[:3], *weights.rounds)[0]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("settings", KINDS)
def test_matrices_in_bfloat16_change_numbers_and_gradients_little(settings: dict[str, Any]) -> None:
    unit, inputs = a_unit(settings), torch.randn(4, 6, 8, requires_grad=True)
    weights, state = unit.weights(), unit.initial_state(4)
    low = weights._replace(
        input=weights.input.bfloat16(),
        hidden=weights.hidden.bfloat16(),
        rounds=tuple(matrix.bfloat16() for matrix in weights.rounds),
    )
    leaves = [inputs, *unit.parameters()]
    found, expected = (outputs_of(unit.kind, inputs, state, each) for each in (low, weights))
    assert found.dtype == torch.float32
    assert not found.equal(expected)
    torch.testing.assert_close(found, expected, atol=0.02, rtol=0)
    for one, other in zip(*(torch.autograd.grad(hs.square().sum(), leaves) for hs in (found, expected)), strict=True):
        assert one.dtype == torch.float32
        assert (one - other).norm() < 0.03 * other.norm()


@pytest.mark.parametrize("settings", KINDS)
def test_a_second_derivative_raises(settings: dict[str, Any]) -> None:
    unit, inputs = a_unit(settings), torch.randn(2, 3, 8, requires_grad=True)
    (first,) = torch.autograd.grad(unit(inputs)[0].sum(), inputs, create_graph=True)
    with pytest.raises(RuntimeError, match="no second derivative"):
        first.sum().backward()
