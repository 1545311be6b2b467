"""The gates of recurrent layers at each step: values from 0 to 1, by the equations."""

from collections.abc import Iterator

import torch
from torch import Tensor

from models.recurrent import reference
from models.recurrent.reference import CANDIDATE, ROWS
from models.recurrent.units import RecurrentStack, Unit


@torch.no_grad()
def stack_gates(stack: RecurrentStack, inputs: Tensor) -> Iterator[dict[str, Tensor]]:
    """Yield each layer's gates by name, (batch, time, hidden size), as it reads (batch, time, input size)."""
    for unit in stack.layers:
        assert isinstance(unit, Unit)
        gates, inputs = unit_gates(unit, inputs)
        yield gates


def unit_gates(unit: Unit, inputs: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """Return a layer's gates by name and its outputs, (batch, time, hidden size) each. An Elman unit has no gate."""
    weights, initial = unit.weights(), unit.initial_state(len(inputs))
    after = getattr(reference, unit.kind)(inputs, initial, weights, unit.activation)
    before = [torch.cat([start.unsqueeze(1), values[:, :-1]], 1) for start, values in zip(initial, after, strict=True)]
    read, hidden = reference.mogrify(inputs, before[0], weights.rounds)
    sums = read @ weights.input.T + weights.bias
    if unit.kind != "mingru":
        sums = sums + hidden @ weights.hidden.T
    gates = dict(zip(ROWS[unit.kind], sums.chunk(len(ROWS[unit.kind]), -1), strict=True))
    gates.pop(CANDIDATE)
    if weights.cell is not None:  # the output gate sees the new cell
        for name, cells, peephole in zip(gates, (before[1], before[1], after[1]), weights.cell.chunk(3), strict=True):
            gates[name] = gates[name] + cells @ peephole.T
    return {name: values.sigmoid() for name, values in gates.items()}, after[0]
