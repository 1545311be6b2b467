"""Every unit against its equations, in float64: the numbers of one step by hand, all gradients, torch's weights."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.recurrent.units import HIDDEN_WEIGHT, RecurrentStack, Unit

BATCH, TIME, INPUT = 3, 5, 4
ACTIVATED = [
    pytest.param(unit, {"activation": activation} | changes, id="-".join([name, activation]))
    for name, unit, changes in [
        ("elman", "elman", {}),
        ("rated", "rated", {}),
        ("gru_before", "gru", {"reset_after": False}),
        ("gru_after", "gru", {"reset_after": True}),
    ]
    for activation in ("tanh", "relu", "sigmoid")
]
VARIANTS = [
    *ACTIVATED,
    pytest.param("lstm", {"peepholes": False}, id="lstm"),
    pytest.param("lstm", {"peepholes": True}, id="lstm_peepholes"),
    pytest.param("mingru", {}, id="mingru"),
    pytest.param("gru", {"mogrifier": 5}, id="gru_mogrifier"),
    pytest.param("gru", {"mogrifier": 2, "activation": "relu"}, id="gru_mogrifier_2-relu"),
    pytest.param("gru", {"mogrifier": 2, "reset_after": False}, id="gru_before_mogrifier"),
    pytest.param("lstm", {"mogrifier": 1}, id="lstm_mogrifier_1"),
    pytest.param("lstm", {"mogrifier": 4, "peepholes": True}, id="lstm_peepholes_mogrifier"),
]


def a_stack(unit: str, settings: dict[str, Any], path: str, sizes: Sequence[int] = (6,)) -> RecurrentStack:
    """Of float64, with all parameters drawn, the same for every path."""
    stack = RecurrentStack({"kind": unit, **settings}, INPUT, sizes, path=path, learn_initial_state=True).double()
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in stack.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=draw, dtype=torch.float64) * 0.6)
    return stack


def some_inputs() -> Tensor:
    return torch.randn(BATCH, TIME, INPUT, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def units(stack: RecurrentStack) -> list[Unit]:
    return [layer for layer in stack.layers if isinstance(layer, Unit)]


def paths(stack: RecurrentStack) -> list[str]:
    """The paths, except the reference, on which the unit can be computed."""
    unit = units(stack)[0]
    if unit.kind == "mingru":
        return ["loop", "scan"]
    if unit.mogrifier and (unit.cell_weight is not None or (unit.kind == "gru" and unit.hidden_bias is None)):
        return []
    return ["loop", "torch"] if unit.in_torch else ["loop"]


def everything(stack: RecurrentStack, inputs: Tensor, state: Any) -> list[Tensor]:
    """Return outputs, last states and the gradients of all inputs and parameters, for a loss of distinct weights."""
    leaves = [inputs.clone().requires_grad_()]
    if state is not None:
        state = [tuple(value.clone().requires_grad_() for value in layer) for layer in state]
        leaves += [value for layer in state for value in layer]
    outputs, ends = stack(leaves[0], state)
    results = [outputs, *(value for layer in ends for value in layer)]
    draw = torch.Generator().manual_seed(3)
    weights = [torch.randn(value.shape, generator=draw, dtype=torch.float64).to(value) for value in results]
    loss = sum((value * weight).sum() for value, weight in zip(results, weights, strict=True))
    leaves += stack.parameters() if state is None else [p for n, p in stack.named_parameters() if "initial" not in n]
    return [*results, *torch.autograd.grad(loss, leaves)]


def assert_same(found: list[Tensor], expected: list[Tensor]) -> None:
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-10, rtol=0)


@pytest.mark.parametrize(("unit", "settings"), VARIANTS)
@pytest.mark.parametrize("case", ["one layer", "stacked", "given state"])
def test_every_path_gives_the_equations_numbers_and_gradients(unit: str, settings: dict[str, Any], case: str) -> None:
    sizes = (6,) if case == "one layer" else (6, 5)
    reference = a_stack(unit, settings, "reference", sizes)
    state = None
    if case == "given state":
        _, state = reference(some_inputs())
        state = [tuple(value.detach() for value in layer) for layer in state]
    expected = everything(reference, some_inputs(), state)
    for path in paths(reference):
        assert_same(everything(a_stack(unit, settings, path, sizes), some_inputs(), state), expected)


@pytest.mark.parametrize(("unit", "settings"), VARIANTS)
@pytest.mark.parametrize("given", [False, True])
def test_in_float32_the_chosen_path_comes_near(unit: str, settings: dict[str, Any], given: bool) -> None:
    """As training runs, with weights that a reference had: an LSTM then is oneDNN's, which has no float64."""
    reference = a_stack(unit, settings, "reference", (6, 5))
    state = [tuple(v.detach() for v in layer) for layer in reference(some_inputs())[1]] if given else None
    expected = everything(reference, some_inputs(), state)
    if state is not None:
        state = [tuple(value.float() for value in layer) for layer in state]
    fast = RecurrentStack({"kind": unit, **settings}, INPUT, (6, 5), learn_initial_state=True)
    fast.load_state_dict(reference.state_dict())
    found = everything(fast, some_inputs().float(), state)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == torch.float32
        torch.testing.assert_close(one.double(), other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("unit", "settings"), VARIANTS)
@pytest.mark.parametrize("path", ["loop", "torch", "scan"])
def test_bfloat16_products_change_numbers_and_gradients_by_rounding_alone(
    unit: str, settings: dict[str, Any], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.recurrent.units.multiplies_bfloat16", lambda device: True)
    reference = a_stack(unit, settings, "reference", (6, 5))
    if path not in paths(reference):
        return
    stack = a_stack(unit, settings, path, (6, 5)).float()
    for layer in units(stack):
        layer.in_bfloat16 = True
    expected = torch.cat([value.flatten() for value in everything(reference, some_inputs(), None)])
    found = everything(stack, some_inputs().float(), None)
    assert {value.dtype for value in found} == {torch.float32}
    error = torch.cat([value.flatten() for value in found]).double() - expected
    # A relu may open where it was shut; rounds multiply several times a step, each what the last one rounded.
    limit = 0.1 if settings.get("activation") == "relu" or "mogrifier" in settings else 0.02
    assert 1e-4 < error.norm() / expected.norm() < limit


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize(("unit", "settings"), VARIANTS)
def test_a_gpu_gives_the_equations_numbers_and_gradients(unit: str, settings: dict[str, Any]) -> None:
    reference = a_stack(unit, settings, "reference", (6, 5))
    expected = everything(reference, some_inputs(), None)
    for path in paths(reference):
        found = everything(a_stack(unit, settings, path, (6, 5)).cuda(), some_inputs().cuda(), None)
        assert_same([value.cpu() for value in found], expected)


@pytest.mark.parametrize(("unit", "settings"), VARIANTS)
def test_two_halves_with_the_state_carried_are_one_run(unit: str, settings: dict[str, Any]) -> None:
    stack = a_stack(unit, settings, "auto", (6, 5))
    inputs = some_inputs()
    outputs, ends = stack(inputs)
    first, state = stack(inputs[:, :2])
    second, state = stack(inputs[:, 2:], state)
    assert_same([torch.cat([first, second], 1)], [outputs])
    assert_same([value for layer in state for value in layer], [value for layer in ends for value in layer])


@pytest.mark.parametrize(("unit", "settings"), VARIANTS)
def test_gradcheck(unit: str, settings: dict[str, Any]) -> None:
    stack = a_stack(unit, settings, "loop", (3,))
    names = [name for name, _ in stack.named_parameters()]

    def run(inputs: Tensor, *parameters: Tensor) -> tuple[Tensor, ...]:
        outputs, ends = torch.func.functional_call(stack, dict(zip(names, parameters, strict=True)), inputs)
        return (outputs, *ends[0])

    inputs = some_inputs()[:2, :3].requires_grad_()
    assert torch.autograd.gradcheck(run, (inputs, *stack.parameters()))


# One step of one value, in plain arithmetic: x = 0.7, h' = 0.5, c' = -0.3; the weights stand in the test, by rows.
BY_HAND = [
    ("elman", {"activation": "tanh"}, [-0.07982976911113136]),
    ("elman", {"activation": "sigmoid"}, [0.48001065984441826]),
    ("elman", {"activation": "relu"}, [0.0]),
    ("rated", {}, [0.3267605277633049]),
    ("gru", {"reset_after": False}, [0.4048394488797744]),
    ("gru", {"reset_after": True}, [0.4905428609351344]),
    ("lstm", {"peepholes": False}, [0.0033486061460253035, 0.0052235327654805985]),
    ("lstm", {"peepholes": True}, [-0.0027103009241216955, -0.0042300675627711115]),
    ("mingru", {}, [0.3395772141234192]),
    ("gru", {"mogrifier": 2}, [0.5030888958502368]),
    ("gru", {"mogrifier": 3, "reset_after": False}, [0.4359334319477527]),
    ("lstm", {"mogrifier": 1}, [0.011522364763477642, 0.017712155904753668]),
    ("lstm", {"mogrifier": 3}, [0.021571690396910058, 0.03285247513539702]),
]


@pytest.mark.parametrize(("unit", "settings", "expected"), BY_HAND)
@pytest.mark.parametrize("path", ["reference", "auto"])
def test_one_step_worked_out_by_hand(unit: str, settings: dict[str, Any], expected: list[float], path: str) -> None:
    stack = RecurrentStack({"kind": unit, **settings}, 1, [1], path=path).double()
    values = {
        "input_weight": [0.1, 0.2, 0.3, 0.4],
        "hidden_weight": [-0.3, -0.1, 0.1, 0.3],
        "bias": [0.0, 0.05, 0.1, 0.15],
        "hidden_bias": [0.4],
        "cell_weight": [0.15, -0.25, 0.35],
        "mogrifier.0": [0.6],
        "mogrifier.1": [-0.5],
        "mogrifier.2": [0.9],
    }
    for name, parameter in stack.layers[0].named_parameters():
        parameter.data.copy_(torch.tensor(values[name][: len(parameter)], dtype=torch.float64).reshape(parameter.shape))
    state = tuple(torch.tensor([[value]], dtype=torch.float64) for value in (0.5, -0.3)[: len(expected)])
    _, ends = stack(torch.tensor([[[0.7]]], dtype=torch.float64), [state])
    assert [value.item() for value in ends[0]] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("unit", "settings", "kind", "peer_settings"),
    [
        ("elman", {"activation": "tanh"}, nn.RNN, {}),
        ("elman", {"activation": "relu"}, nn.RNN, {"nonlinearity": "relu"}),
        ("gru", {}, nn.GRU, {}),
        ("lstm", {}, nn.LSTM, {}),
    ],
)
def test_torchs_weights_go_in_and_come_out(unit: str, settings: Any, kind: Any, peer_settings: Any) -> None:
    torch.manual_seed(0)
    theirs = kind(INPUT, 6, num_layers=2, batch_first=True, **peer_settings).double()
    stack = RecurrentStack({"kind": unit, **settings}, INPUT, [6, 6]).double()
    stack.load_torch_state_dict(theirs.state_dict())
    inputs = some_inputs()
    expected, ends = theirs(inputs)
    outputs, our_ends = stack(inputs)
    assert_same([outputs, torch.stack([end[0] for end in our_ends])], [expected, ends[0] if unit == "lstm" else ends])
    back = kind(INPUT, 6, num_layers=2, batch_first=True, **peer_settings).double()
    back.load_state_dict(stack.torch_state_dict())
    assert_same([back(inputs)[0]], [expected])


def test_a_forget_gate_starts_open_and_the_initial_state_at_zero() -> None:
    stack = RecurrentStack("lstm", 3, [4], learn_initial_state=True)
    (layer,) = units(stack)
    assert layer.initial is not None
    assert layer.bias.tolist() == [0] * 4 + [1] * 4 + [0] * 8
    assert layer.initial.tolist() == [[0] * 4] * 2
    assert units(RecurrentStack("lstm", 300, [200]))[0].input_weight.std().item() == pytest.approx(500**-0.5, rel=0.02)


def test_a_mogrifier_whose_matrices_are_zero_is_the_plain_unit() -> None:
    plain, stack = a_stack("lstm", {}, "auto"), a_stack("lstm", {"mogrifier": 4}, "auto")
    stack.load_state_dict({**stack.state_dict(), **plain.state_dict()})
    assert not torch.allclose(stack(some_inputs())[0], plain(some_inputs())[0])
    for matrix in units(stack)[0].mogrifier:
        nn.init.zeros_(matrix)
    assert_same([stack(some_inputs())[0]], [plain(some_inputs())[0]])


def test_matrices_of_rounds_alternate() -> None:
    (layer,) = units(RecurrentStack({"kind": "gru", "mogrifier": 3}, 300, [200]))
    assert [tuple(matrix.shape) for matrix in layer.weights().rounds] == [(300, 200), (200, 300), (300, 200)]
    assert layer.mogrifier[0].std().item() == pytest.approx(500**-0.5, rel=0.02)


def test_a_mogrified_gru_stays_between_minus_one_and_one() -> None:
    """Its factors are near 2 here, which would double its values at every step if its memory were gated, too."""
    stack = RecurrentStack({"kind": "gru", "mogrifier": 2}, 1, [4])
    (layer,) = units(stack)
    nn.init.constant_(layer.mogrifier[1], 10.0)
    nn.init.constant_(layer.bias, -3.0)  # an update gate that keeps nearly everything
    outputs, _ = stack(torch.ones(1, 300, 1), [(torch.full((1, 4), 0.5),)])
    assert outputs.abs().max() <= 1


def test_the_learnt_initial_state_is_where_a_sequence_starts() -> None:
    stack = a_stack("lstm", {}, "auto", (6, 5))
    assert [len(values) for values in stack.initial_state(BATCH)[1]] == [BATCH] * 2
    assert_same([stack(some_inputs())[0]], [stack(some_inputs(), stack.initial_state(BATCH))[0]])


def test_what_stands_between_layers_and_in_for_the_hidden_matrices() -> None:
    stack = a_stack("gru", {}, "auto", (6, 5))
    stand_ins = {n: p * 0.5 for n, p in stack.named_parameters() if n.endswith(HIDDEN_WEIGHT)}
    assert len(stand_ins) == 2
    doubled = {"between": lambda values: values * 2}
    found, _ = torch.func.functional_call(stack, stand_ins, some_inputs(), doubled)
    below, above = units(stack)
    for layer in below, above:
        assert layer.hidden_weight is not None
        layer.hidden_weight.data *= 0.5
    assert_same([found], [above(below(some_inputs())[0] * 2)[0]])


@pytest.mark.parametrize(
    ("unit", "settings", "path", "message"),
    [
        ("elmann", {}, "auto", "unit is 'elmann'; choose one of elman, rated, gru, lstm, mingru"),
        ("elman", {"activation": "cosine"}, "auto", "activation is 'cosine'; choose one of tanh, relu, sigmoid"),
        ("elman", {}, "cudnn", "path is 'cudnn'; choose one of auto, reference, loop, torch, scan"),
        ("gru", {"reset_after": False}, "torch", "torch.nn has no such unit"),
        ("gru", {"activation": "relu"}, "torch", "torch.nn has no such unit"),
        ("rated", {"activation": "relu"}, "torch", "torch.nn has no such unit"),
        ("lstm", {"peepholes": True}, "torch", "torch.nn has no such unit"),
        ("lstm", {"mogrifier": 1}, "torch", "torch.nn has no such unit"),
        ("gru", {"mogrifier": 1}, "torch", "torch.nn has no such unit"),
        ("mingru", {}, "torch", "torch.nn has no such unit"),
        ("gru", {}, "scan", "path is 'scan', but gru is not linear in its state"),
        ("rated", {"mogrifier": 5}, "auto", "mogrifier is 5, but unit is 'rated'; choose gru or lstm"),
    ],
)
def test_what_there_is_not_is_said(unit: str, settings: dict[str, Any], path: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RecurrentStack({"kind": unit, **settings}, 3, [4], path=path)


def test_weights_of_another_unit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not the weights of 2 such layers of torch\.nn"):
        RecurrentStack("gru", 3, [4, 4]).load_torch_state_dict(nn.GRU(3, 4).state_dict())
    with pytest.raises(ValueError, match="no such unit"):
        RecurrentStack("rated", 3, [4]).torch_state_dict()


def test_an_autocast_region_leaves_the_loop_in_its_own_precision() -> None:
    stack = RecurrentStack("rated", 3, [4])
    inputs = torch.randn(2, 5, 3, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        outputs, _ = stack(inputs)
    outputs.sum().backward()
    torch.testing.assert_close(outputs, stack(inputs)[0])
