"""Matrix products, those of float32 by oneDNN where it is clearly faster than the BLAS that torch takes."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

# Far from 1, so that noise does not decide and a run repeats bit for bit: on AMD's Zen 4 (AVX-512 in halves) oneDNN is
# 1.1 times as fast as MKL, with full AVX-512 units, which MKL leaves alone on AMD, about twice.
CLEARLY = 1.4


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x weight^T + bias, of matrices (rows, in) and (out, in). No gradient."""
    return _onednn(x, weight, bias) if _by_onednn(x) else F.linear(x, weight, bias)


def accumulate(total: Tensor, left: Tensor, right: Tensor) -> None:
    """Add left^T right to `total` (left's columns, right's columns)."""
    if _by_onednn(left):
        total += _onednn(right.t(), left.t()).t()  # which it likes better than the same the other way round
    elif left.dtype == total.dtype:
        total.addmm_(left.t(), right)
    else:
        total += left.t() @ right


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16 products; elsewhere they are slower than float32's."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())


def _by_onednn(x: Tensor) -> bool:
    return x.is_cpu and x.dtype == torch.float32 and onednn_is_faster()


@cache
def onednn_is_faster() -> bool:
    """Measured once a process, in CPU time, so that other processes count for little."""
    x, weight = torch.ones(256, 128), torch.ones(2048, 128)  # not drawn: that would move torch's generator
    try:
        ways: list[Callable[[], Any]] = [lambda: F.linear(x, weight), lambda: _onednn(x, weight)]
        seconds = [min(map(_cpu_seconds, [way] * 10)) for way in ways]
    except (AttributeError, RuntimeError):  # a torch built without oneDNN, or with another inside
        return False
    return seconds[0] > CLEARLY * seconds[1]


def _onednn(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    # torch's compiler calls it so; eager torch gives oneDNN bfloat16 matrices alone.
    product: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return product


def _cpu_seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
