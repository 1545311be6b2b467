"""Properties of devices: how they multiply and keep memory, and how many logits a loss may hold there."""

import ctypes
import math
import platform

import torch

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # glibc's numbers of its settings


def multiplies_bfloat16(device: torch.device) -> bool:
    """Return whether a device has instructions for bfloat16 products; without them bfloat16 is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())


def multiply_by_onednn() -> None:
    """Let oneDNN take this process's float32 products on a CPU where they stay exact.

    By default MKL computes them, with half the width of an AMD processor's vectors. torch lets oneDNN compute them only
    together with the permission to round to bfloat16. On most processors oneDNN does not round; where it does, as with
    Intel's AMX, nothing is changed.
    """
    settings = torch.backends.mkldnn.matmul  # type: ignore[attr-defined] # torch sets it as it starts
    before, settings.fp32_precision = settings.fp32_precision, "bf16"
    finer = torch.full((64, 64), 1 + 2**-12)  # than bfloat16
    if not torch.equal(finer @ torch.eye(64), finer):
        settings.fp32_precision = before


def keep_freed_memory() -> None:
    """Let glibc keep up to 2 GB of freed memory for this process; other C libraries are left as they are.

    By default glibc maps every large tensor anew and returns it to the kernel when it is freed, so each training step
    faults in every page of its logits again. The setting holds for the whole process and for processes that it forks
    later, such as a DataLoader's workers.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def block_size(rows: int, words: int, device: torch.device) -> int:
    """Return how many of `rows` rows form a block: a loss over `words` words holds the logits of one block at a time.

    On a CPU a block's logits take up to 64 MB in float32: larger blocks gain nothing, and products of few rows are
    slow. A GPU wants few, large kernels, so there they take up to 1 GB: 8,192 rows over a vocabulary of 32,768.
    """
    held = 1 << 24 if device.type == "cpu" else 1 << 28
    blocks = max(1, math.ceil(rows * words / held))
    return max(1, math.ceil(rows / blocks))
