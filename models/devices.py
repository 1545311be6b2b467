"""What the code asks of a device: whether it multiplies bfloat16, and how many logits a loss may hold on it."""

import math

import torch


def multiplies_bfloat16(device: torch.device) -> bool:
    """Return whether a device has instructions for bfloat16 products; elsewhere they are slower than float32's."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())


def block_size(rows: int, words: int, device: torch.device) -> int:
    """Return for how many of `rows` rows a loss over `words` words holds the logits at once, in blocks of like size.

    On a CPU a block's logits take up to 64 MB in float32: larger blocks gain nothing, and products of few rows are
    slow. A GPU wants few, large kernels, so there they take up to 1 GB: 8,192 rows over a vocabulary of 32,768.
    """
    held = 1 << 24 if device.type == "cpu" else 1 << 28
    blocks = max(1, math.ceil(rows * words / held))
    return max(1, math.ceil(rows / blocks))
