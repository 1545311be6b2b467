"""The units that torch.nn's kernels (cuDNN on a GPU, oneDNN's LSTM on a CPU) can compute.

Functions take and return the same as the functions of `models.recurrent.equations`, in the precision of the matrices.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from models.recurrent.equations import LayerState, Weights


def elman(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, LayerState]:
    """torch.nn.RNN; the activation is tanh or relu."""
    return _run({"relu": torch.rnn_relu, "tanh": torch.rnn_tanh}[activation], inputs, state, weights)


def gru(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, LayerState]:
    """torch.nn.GRU; the activation is tanh."""
    return _run(torch.gru, inputs, state, weights)


def lstm(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, LayerState]:
    """torch.nn.LSTM; the activation is tanh."""
    return _run(torch.lstm, inputs, state, weights)


def _run(
    function: Callable[..., Any], inputs: Tensor, state: LayerState, weights: Weights
) -> tuple[Tensor, LayerState]:
    low, full = weights.input.dtype, weights.bias.dtype
    initial = [values[None].to(low).contiguous() for values in state]
    hidden = initial if len(initial) > 1 else initial[0]
    flat = [weight.to(low) for weight in to_torch(weights)]
    if inputs.is_cuda:  # one piece of memory; otherwise cuDNN would copy the weights and warn
        pieces = torch.cat([weight.flatten() for weight in flat]).split([weight.numel() for weight in flat])
        flat = [piece.view_as(weight) for piece, weight in zip(pieces, flat, strict=True)]
    outputs, *after = function(inputs.to(low), hidden, flat, True, 1, 0.0, torch.is_grad_enabled(), False, True)
    return outputs.to(full), tuple(values[0].to(full) for values in after)


def to_torch(weights: Weights) -> list[Tensor]:
    """Return weight_ih, weight_hh, bias_ih and bias_hh of the same unit in torch.nn.

    torch's update gate is the share of the old state that is kept, ours the share of the candidate that is taken:
    sigmoid(-a) is 1 - sigmoid(a), so its rows change sign.
    """
    wx, wh, b, hidden_bias, *_ = weights
    if hidden_bias is None:
        return [wx, wh, b, torch.zeros_like(b)]
    return [_negate_update(w) for w in (wx, wh, b)] + [torch.cat([b.new_zeros(2 * len(hidden_bias)), hidden_bias])]


def _negate_update(rows: Tensor) -> Tensor:
    reset, update, candidate = rows.chunk(3)
    return torch.cat([reset, -update, candidate])
