"""Where tensors are made, and how a process multiplies."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models.recurrent.devices import block_size, multiply_by_onednn
from models.recurrent.layers import RecurrentStack
from models.sampled_softmax import SampledSoftmax
from models.softmax import Softmax
from tests.models.test_units import VARIANTS


class Elsewhere(TorchDispatchMode):
    """Collects the operations that give a tensor on another device than `meta`."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if any(isinstance(leaf, torch.Tensor) and leaf.device.type != "meta" for leaf in tree_leaves(result)):
            self.found.append(str(func))
        return result


@pytest.mark.parametrize("unit", [unit for unit in VARIANTS if unit.get("activation", "tanh") == "tanh"])
@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_unit_makes_every_tensor_where_its_inputs_are(
    unit: dict[str, Any], bfloat16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.recurrent.layers.multiplies_bfloat16", lambda device: True)
    monkeypatch.setattr("models.recurrent.fast.kernel_of_torch", lambda unit: None)  # whose kernels need a device
    stack = RecurrentStack(unit, 3, [4, 5], bfloat16=bfloat16, learn_initial_state=True).to("meta")
    inputs = torch.randn(2, 6, 3, device="meta", requires_grad=True)
    with Elsewhere() as elsewhere:
        stack(inputs)[0].sum().backward()
    assert not elsewhere.found
    assert all(leaf.grad is not None and leaf.grad.is_meta for leaf in (inputs, *stack.parameters()))


@pytest.mark.parametrize("kind", ["exact", "bfloat16", "sampled"])
def test_a_loss_makes_every_tensor_where_its_inputs_are_and_reads_none(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`meta` tensors have no values: reading one, or a size that depends on one, fails."""
    monkeypatch.setattr("models.softmax.multiplies_bfloat16", lambda device: True)
    layer: nn.Module = Softmax(4, 10, bfloat16=kind == "bfloat16")
    if kind == "sampled":
        layer = SampledSoftmax(4, 10, negatives=3, counts=torch.ones(10))
    layer = layer.to("meta")
    hidden = torch.randn(2, 6, 4, device="meta", requires_grad=True)
    targets = torch.ones(2, 6, dtype=torch.int64, device="meta")
    with Elsewhere() as elsewhere:
        layer.loss(hidden, targets).backward()  # type: ignore[operator] # of a Module
        layer.score(hidden, targets)  # type: ignore[operator]
    assert not elsewhere.found
    assert all(leaf.grad is not None and leaf.grad.is_meta for leaf in (hidden, *layer.parameters()))


def test_blocks_are_of_like_size_and_larger_on_a_gpu() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("meta")
    assert block_size(700, 10_000, cpu) == 700
    assert block_size(700, 50_000, cpu) == 234
    assert block_size(8192, 32_768, gpu) == 8192
    assert block_size(0, 10, cpu) == block_size(3, 1 << 30, cpu) == 1


def test_float32_products_of_onednn_stay_exact() -> None:
    draw = torch.Generator().manual_seed(0)
    one, other = (torch.randn(300, 300, generator=draw) for _ in range(2))
    multiply_by_onednn()
    torch.testing.assert_close((one @ other).double(), one.double() @ other.double(), atol=3e-4, rtol=0)


def test_onednn_may_not_round_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.equal", lambda *_: False)  # as where it has the instructions to
    multiply_by_onednn()
    assert torch.backends.mkldnn.matmul.fp32_precision == "none"  # type: ignore[attr-defined] # set as torch starts
