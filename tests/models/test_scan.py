"""The recurrence of the minimal GRU: its two ways against each other, and where products of shares underflow."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from models.recurrent.scan import by_doubling, in_turn
from models.recurrent.units import RecurrentStack


def drawn(time: int, seed: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Return `taken` and `kept`; some shares are 0, some 1."""
    draw = torch.Generator().manual_seed(seed)
    taken = torch.randn(time + 1, 2, 3, generator=draw, dtype=torch.float64)
    kept = torch.randn(time, 2, 3, generator=draw, dtype=torch.float64).mul(3).add(0.5).clamp(0, 1)
    return taken.to(dtype), kept.to(dtype)


@given(st.integers(1, 70), st.integers(0, 2**31), st.booleans())
def test_the_scan_is_the_loop(time: int, seed: int, backwards: bool) -> None:
    taken, kept = drawn(time, seed)
    scanned = by_doubling(taken, kept, backwards)
    torch.testing.assert_close(scanned, in_turn(taken.clone(), kept, backwards), atol=1e-12, rtol=0)


def test_the_recurrence_worked_out_by_hand_both_ways() -> None:
    taken, kept = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.5, 0.25])
    for recurrence in (in_turn, by_doubling):
        assert recurrence(taken.clone(), kept, False).tolist() == [1, 2.5, 3.625]
        assert recurrence(taken.clone(), kept, True).tolist() == [2.375, 2.75, 3]


@pytest.mark.parametrize("path", ["loop", "scan"])
@pytest.mark.parametrize("bias", [-200.0, -4.0, 0.0, 200.0])
def test_a_very_long_sequence_stays_between_its_candidates(path: str, bias: float) -> None:
    """In float32, whether gates are shut, open, or in between; a cumulative product of what is kept would be 0."""
    torch.manual_seed(0)
    stack = RecurrentStack("mingru", 2, [3], path=path, learn_initial_state=True)
    torch.nn.init.constant_(stack.get_parameter("layers.0.bias")[:3], bias)
    inputs = torch.randn(1, 5_000, 2, requires_grad=True)
    outputs, _ = stack(inputs)
    candidates = inputs @ stack.get_parameter("layers.0.input_weight")[3:].T
    assert outputs.abs().max() <= candidates.abs().max()
    outputs.square().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in (inputs, *stack.parameters()) if p.grad is not None)
    reference = RecurrentStack("mingru", 2, [3], path="reference", learn_initial_state=True)
    reference.load_state_dict(stack.state_dict())
    with torch.no_grad():
        expected = reference.double()(inputs.double())[0]
    torch.testing.assert_close(outputs.double(), expected, atol=1e-5, rtol=1e-5)
