"""Every unit against its equations, in float64: outputs, the last state and all gradients."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.recurrent import equations, gru_kernel, torch_units
from models.recurrent.equations import ACTIVATIONS, LayerState, Weights
from models.recurrent.units import HIDDEN_WEIGHT, RecurrentStack, Unit

BATCH, TIME, INPUT, SIZE = 3, 5, 4, 6
GRUS: list[dict[str, Any]] = [{"kind": "gru", "reset_after": after} for after in (False, True)]
VARIANTS: list[dict[str, Any]] = [
    *(
        {"activation": activation, **unit}
        for unit in ({"kind": "elman"}, {"kind": "rated"}, *GRUS)
        for activation in ACTIVATIONS
    ),
    *({"kind": "lstm", "peepholes": peepholes} for peepholes in (False, True)),
    {"kind": "mingru"},
    {"kind": "gru", "mogrifier": 5},
    {"kind": "gru", "mogrifier": 2, "reset_after": False},
    {"kind": "lstm", "mogrifier": 1},
    {"kind": "lstm", "mogrifier": 4, "peepholes": True},
]
variants = pytest.mark.parametrize("unit", VARIANTS, ids=lambda unit: "-".join(map(str, unit.values())))
NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")


def step(kind: str, x: Tensor, state: LayerState, w: Weights, act: Callable[[Tensor], Tensor]) -> LayerState:
    """One step as the papers and the book write it."""
    h, size, sigmoid, tanh = state[0], w.hidden.shape[1], torch.sigmoid, torch.tanh
    g = h
    for number, matrix in enumerate(w.rounds):
        if number % 2:
            g = 2 * sigmoid(x @ matrix.T) * g
        else:
            x = 2 * sigmoid(g @ matrix.T) * x
    of_x = (x @ w.input.T + w.bias).split(size, 1)
    of_h = [g @ rows.T for rows in w.hidden.split(size)]
    if kind == "elman":
        return (act(of_x[0] + of_h[0]),)
    if kind == "lstm":
        c = state[1]
        i, f, o = (torch.zeros(size, size).to(c),) * 3 if w.cell is None else w.cell.split(size)
        new = sigmoid(of_x[1] + of_h[1] + c @ f.T) * c
        new = new + sigmoid(of_x[0] + of_h[0] + c @ i.T) * tanh(of_x[2] + of_h[2])
        return sigmoid(of_x[3] + of_h[3] + new @ o.T) * tanh(new), new
    if kind == "mingru":
        z, candidate = sigmoid(of_x[0]), of_x[1]
    elif kind == "rated":
        z, candidate = sigmoid(of_x[0] + of_h[0]), act(of_x[1] + of_h[1])
    else:
        r, z = sigmoid(of_x[0] + of_h[0]), sigmoid(of_x[1] + of_h[1])
        recalled = (r * g) @ w.hidden[2 * size :].T if w.hidden_bias is None else r * (of_h[2] + w.hidden_bias)
        candidate = act(of_x[2] + recalled)
    return ((1 - z) * h + z * candidate,)


def by_steps(layer: Unit) -> Callable[..., tuple[Tensor, LayerState]]:
    def run(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, LayerState]:
        outputs = []
        for x in inputs.unbind(1):
            state = step(layer.kind, x, state, weights, ACTIVATIONS[activation])
            outputs.append(state[0])
        return torch.stack(outputs, 1), state

    return run


def a_layer(unit: dict[str, Any], **settings: Any) -> Unit:
    """Of float64, with all parameters drawn."""
    layer = Unit(input_size=INPUT, hidden_size=SIZE, learn_initial_state=True, **unit, **settings).double()
    draw = torch.Generator().manual_seed(1)
    for parameter in layer.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=draw, dtype=torch.float64) * 0.6)
    return layer


def everything(run: Callable[..., tuple[Tensor, LayerState]], layer: Unit) -> list[Tensor]:
    """Return outputs, the last state and the gradients of inputs, state and parameters, for a loss of all results."""
    draw = torch.Generator().manual_seed(2)
    like, batch = layer.bias, (BATCH, TIME)
    inputs = torch.randn(*batch, INPUT, generator=draw, dtype=torch.float64).to(like).requires_grad_()
    outputs, state = run(inputs, layer.initial_state(BATCH), layer.weights(), layer.activation)
    results = [outputs, *state]
    loss: Any = sum((r * torch.randn(r.shape, generator=draw, dtype=torch.float64).to(r)).sum() for r in results)
    return [*results, *torch.autograd.grad(loss, [inputs, *layer.parameters()])]


def ways(layer: Unit) -> list[Callable[..., tuple[Tensor, LayerState]]]:
    """Return every function that computes the unit."""
    found: list[Callable[..., tuple[Tensor, LayerState]]] = [getattr(equations, layer.kind)]
    if layer.hidden_bias is not None and not layer.mogrifier:
        found.append(gru_kernel.gru)
    if layer.in_torch:
        found.append(getattr(torch_units, layer.kind))
    return found


@variants
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=NO_GPU)])
def test_every_way_gives_the_equations_numbers_and_gradients(unit: dict[str, Any], device: str) -> None:
    layer = a_layer(unit)
    expected = everything(by_steps(layer), layer)
    for way in ways(layer.to(device)):
        for one, other in zip(everything(way, layer), expected, strict=True):
            torch.testing.assert_close(one.cpu(), other, atol=1e-10, rtol=0)


@variants
@pytest.mark.parametrize("low", [False, True])
def test_a_training_comes_near_in_float32_and_in_bfloat16(
    unit: dict[str, Any], low: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the function that is chosen: an LSTM is oneDNN's, which has no float64."""
    monkeypatch.setattr("models.recurrent.units.multiplies_bfloat16", lambda device: True)
    layer = a_layer(unit, bfloat16=low)
    expected = torch.cat([value.flatten() for value in everything(by_steps(layer), layer)])
    layer = layer.float()
    found = everything(lambda inputs, state, *_: layer(inputs, state), layer)
    assert {value.dtype for value in found} == {torch.float32}
    error = (torch.cat([value.flatten() for value in found]).double() - expected).norm() / expected.norm()
    # A relu may open where it was shut; rounds multiply several times a step, each what the last one rounded.
    rounded = 0.1 if unit.get("activation") == "relu" or "mogrifier" in unit else 0.02
    assert 1e-4 < error < rounded if low else error < 1e-5


@pytest.mark.parametrize("unit", ["gru", "lstm"])
def test_a_stack_starts_at_its_initial_state_and_reads_what_stands_between_its_layers(unit: str) -> None:
    stack = RecurrentStack(unit, INPUT, [SIZE, 5], learn_initial_state=True)
    for name, parameter in stack.named_parameters():
        if name.endswith("initial"):
            nn.init.normal_(parameter)
    stand_ins = {n: p * 0.5 for n, p in stack.named_parameters() if n.endswith(HIDDEN_WEIGHT)}
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
    layer = Unit("lstm", 300, 200, mogrifier=3, learn_initial_state=True)
    assert layer.initial is not None
    assert layer.bias.view(4, 200).unique(dim=1).flatten().tolist() == [0, 1, 0, 0]
    assert not layer.initial.any()
    assert [tuple(matrix.shape) for matrix in layer.weights().rounds] == [(300, 200), (200, 300), (300, 200)]
    for matrix in layer.input_weight, layer.mogrifier[0]:
        assert matrix.std().item() == pytest.approx(500**-0.5, rel=0.02)
