"""Gates compared with the equations, step by step."""

from typing import Any

import pytest
import torch

from models.recurrent import reference
from models.recurrent.gates import stack_gates, unit_gates
from models.recurrent.reference import ROWS
from tests.models.test_units import BATCH, TIME, VARIANTS, a_stack, some_inputs, units


@pytest.mark.parametrize(("unit", "settings"), VARIANTS)
def test_gates_are_those_of_the_equations(monkeypatch: pytest.MonkeyPatch, unit: str, settings: dict[str, Any]) -> None:
    (layer,) = units(a_stack(unit, settings, "auto"))
    inputs = some_inputs()
    gates, outputs = unit_gates(layer, inputs)
    sigmoids: list[torch.Tensor] = []

    def recorded(values: torch.Tensor) -> torch.Tensor:
        sigmoids.append(values.sigmoid())
        return sigmoids[-1]

    monkeypatch.setattr(torch, "sigmoid", recorded)
    monkeypatch.setitem(reference.ACTIVATIONS, "sigmoid", torch.Tensor.sigmoid)
    expected, *_ = getattr(reference, unit)(inputs, layer.initial_state(BATCH), layer.weights(), layer.activation)
    torch.testing.assert_close(outputs, expected)
    rounds = settings.get("mogrifier", 0)
    each = rounds + len(gates)
    assert len(sigmoids) == TIME * each
    for number, values in enumerate(gates.values(), start=rounds):
        torch.testing.assert_close(values, torch.stack(sigmoids[number::each], 1))


def test_every_layer_reads_the_outputs_of_the_one_below() -> None:
    stack = a_stack("lstm", {}, "auto", (6, 6))
    inputs = some_inputs()
    below, above = units(stack)
    first, second = stack_gates(stack, inputs)
    assert list(first) == list(second) == ["input", "forget", "output"]
    torch.testing.assert_close(first, unit_gates(below, inputs)[0])
    torch.testing.assert_close(second, unit_gates(above, below(inputs)[0])[0])


def test_every_unit_has_names_for_its_gates() -> None:
    for kind, rows in ROWS.items():
        (layer,) = units(a_stack(kind, {}, "auto"))
        assert len(layer.bias) == len(rows) * layer.hidden_size
        assert list(unit_gates(layer, some_inputs())[0]) == [name for name in rows if name != "candidate"]
