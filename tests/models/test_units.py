"""Every unit against its equations, in float64: outputs, the last state and all gradients."""

from collections.abc import Iterator
from dataclasses import fields
from itertools import product
from typing import Any, get_args, get_type_hints

import pytest
import torch
from torch import Tensor, nn

from models.recurrent.by_torch import ACTIVATIONS, LayerState, Weights, by_steps
from models.recurrent.fast import Way, in_torch, kernel_of_torch, own_kernel
from models.recurrent.layers import Layer, RecurrentStack
from models.recurrent.units import UNITS, Mogrified, Unit

BATCH, TIME, INPUT, SIZE = 3, 5, 4, 6


def variants() -> Iterator[dict[str, Any]]:
    """Yield every unit with every value of its settings, and with even and odd numbers of the Mogrifier's rounds."""
    for name, unit in UNITS.items():
        hints, settings = get_type_hints(unit), [field.name for field in fields(unit)]
        flags = [setting for setting in settings if hints[setting] is bool]
        values = [get_args(hints[setting]) or ((False, True) if setting in flags else (0,)) for setting in settings]
        yield from ({"kind": name, **dict(zip(settings, chosen, strict=True))} for chosen in product(*values))
        if issubclass(unit, Mogrified):
            yield from ({"kind": name, "mogrifier": n, **dict.fromkeys(flags, n == 5)} for n in (2, 5))


VARIANTS = list(variants())
every_variant = pytest.mark.parametrize("unit", VARIANTS, ids=lambda unit: "-".join(map(str, unit.values())))
NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")


def step(unit: Any, x: Tensor, state: LayerState, w: Weights) -> LayerState:
    """One step as the papers and the book write it."""
    (h, *cells), sigmoid, tanh = state, torch.sigmoid, torch.tanh
    act, g, zeros = ACTIVATIONS[getattr(unit, "activation", "tanh")], h, h.new_zeros(4 * SIZE, SIZE)
    for number in range(getattr(unit, "mogrifier", 0)):
        if number % 2:
            g = 2 * sigmoid(x @ w[f"mogrifier.{number}"].T) * g
        else:
            x = 2 * sigmoid(g @ w[f"mogrifier.{number}"].T) * x
    of_x = (x @ w["input_weight"].T + w["bias"]).split(SIZE, 1)
    of_h = [g @ rows.T for rows in w.get("hidden_weight", zeros).split(SIZE)]
    sums = [one + other for one, other in zip(of_x, of_h, strict=False)]
    if unit.name == "elman":
        return (act(sums[0]),)
    if unit.name == "lstm":
        i, f, o = (cells[0] @ rows.T for rows in w.get("cell_weight", zeros).split(SIZE)[:3])
        c = sigmoid(sums[1] + f) * cells[0] + sigmoid(sums[0] + i) * tanh(sums[2])
        if unit.peepholes:
            o = c @ w["cell_weight"][2 * SIZE :].T
        return sigmoid(sums[3] + o) * tanh(c), c
    z, candidate = sigmoid(sums[0]), sums[1] if unit.name == "mingru" else act(sums[1])
    if unit.name == "gru":
        r, z = sigmoid(sums[0]), sigmoid(sums[1])
        before = (r * g) @ w["hidden_weight"][2 * SIZE :].T
        candidate = act(of_x[2] + (r * (of_h[2] + w["hidden_bias"]) if unit.reset_after else before))
    return ((1 - z) * h + z * candidate,)


def by_hand(unit: Unit, inputs: Tensor, state: LayerState, weights: Weights) -> tuple[Tensor, LayerState]:
    outputs = []
    for x in inputs.unbind(1):
        state = step(unit, x, state, weights)
        outputs.append(state[0])
    return torch.stack(outputs, 1), state


def a_layer(unit: dict[str, Any], **settings: Any) -> Layer:
    """Of float64, with all parameters drawn."""
    layer = Layer(unit, INPUT, SIZE, learn_initial_state=True, **settings).double()
    draw = torch.Generator().manual_seed(1)
    for parameter in layer.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=draw, dtype=torch.float64) * 0.6)
    return layer


def everything(way: Way, layer: Layer) -> list[Tensor]:
    """Return outputs, the last state and the gradients of inputs, state and parameters, for a loss of all results."""
    draw = torch.Generator().manual_seed(2)
    like, batch = layer.weights()["bias"], (BATCH, TIME)
    inputs = torch.randn(*batch, INPUT, generator=draw, dtype=torch.float64).to(like).requires_grad_()
    outputs, state = way(layer.unit, inputs, layer.initial_state(BATCH), layer.weights())
    results = [outputs, *state]
    loss: Any = sum((r * torch.randn(r.shape, generator=draw, dtype=torch.float64).to(r)).sum() for r in results)
    return [*results, *torch.autograd.grad(loss, [inputs, *layer.parameters()])]


@every_variant
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=NO_GPU)])
def test_every_way_gives_the_equations_numbers_and_gradients(unit: dict[str, Any], device: str) -> None:
    layer = a_layer(unit)
    expected = everything(by_hand, layer)
    ways = (by_steps, own_kernel(layer.unit), in_torch if kernel_of_torch(layer.unit) else None)
    layer.to(device)
    for way in filter(None, ways):
        for one, other in zip(everything(way, layer), expected, strict=True):
            torch.testing.assert_close(one.cpu(), other, atol=1e-10, rtol=0)


@every_variant
@pytest.mark.parametrize("low", [False, True])
def test_a_training_comes_near_in_float32_and_in_bfloat16(
    unit: dict[str, Any], low: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the function that is chosen: an LSTM is oneDNN's, which has no float64."""
    monkeypatch.setattr("models.recurrent.layers.multiplies_bfloat16", lambda device: True)
    layer = a_layer(unit, bfloat16=low)
    expected = torch.cat([value.flatten() for value in everything(by_hand, layer)])
    layer = layer.float()
    found = everything(lambda unit, inputs, state, weights: layer(inputs, state), layer)
    assert {value.dtype for value in found} == {torch.float32}
    error = (torch.cat([value.flatten() for value in found]).double() - expected).norm() / expected.norm()
    # A relu may open where it was shut; rounds multiply several times a step, each what the last one rounded.
    rounded = 0.1 if unit.get("activation") == "relu" or unit.get("mogrifier") else 0.02
    assert 1e-4 < error < rounded if low else error < 1e-5


@pytest.mark.parametrize("unit", ["gru", "lstm"])
def test_a_stack_starts_at_its_initial_state_and_reads_what_stands_between_its_layers(unit: str) -> None:
    stack = RecurrentStack(unit, INPUT, [SIZE, 5], learn_initial_state=True)
    for name, parameter in stack.named_parameters():
        if name.endswith("initial"):
            nn.init.normal_(parameter)
    stand_ins = {name: weight * 0.5 for name, weight in stack.hidden_weights().items()}
    assert len(stand_ins) == 2
    inputs, doubled = torch.randn(BATCH, TIME, INPUT), {"between": lambda values: values * 2}
    found, ends = torch.func.functional_call(stack, stand_ins, inputs, doubled)
    stack.load_state_dict(stack.state_dict() | stand_ins)
    first, second = stack.initial_state(BATCH)
    below, above = stack.layers
    outputs, end = below(inputs, first)
    expected, last = above(outputs * 2, second)
    for one, other in zip([found, *ends[0], *ends[1]], [expected, *end, *last], strict=True):
        torch.testing.assert_close(one, other)


def test_parameters_start_as_the_docstring_says() -> None:
    layer = Layer({"kind": "lstm", "mogrifier": 3}, 300, 200, learn_initial_state=True)
    assert layer.initial is not None
    weights = layer.weights()
    assert weights["bias"].view(4, 200).unique(dim=1).flatten().tolist() == [0, 1, 0, 0]
    assert not layer.initial.any()
    assert [tuple(weights[f"mogrifier.{n}"].shape) for n in range(3)] == [(300, 200), (200, 300), (300, 200)]
    for matrix in weights["input_weight"], weights["mogrifier.0"]:
        assert matrix.std().item() == pytest.approx(500**-0.5, rel=0.02)
