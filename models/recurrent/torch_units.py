"""The units that torch.nn's kernels (cuDNN on a GPU) can compute.

Functions take and return the same as the functions of `models.recurrent.reference`, except that the LSTM returns no
cells, because torch does not. They run in the precision of the matrices.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from models.recurrent.reference import LayerState, Weights

OPEN = 100.0  # a gate's pre-activation whose sigmoid is 1 in float64 too


def elman(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """torch.nn.RNN. For a sigmoid it runs on 2h - 1, because sigmoid(a) = (1 + tanh(a / 2)) / 2."""
    if activation != "sigmoid":
        return _run({"relu": torch.rnn_relu, "tanh": torch.rnn_tanh}[activation], inputs, state, weights)[:1]
    wx, wh, b, *_ = weights
    weights = Weights(wx / 2, wh / 4, b / 2 + wh.sum(1) / 4)
    doubled, _ = _run(torch.rnn_tanh, inputs, (2 * state[0] - 1,), weights)
    return ((1 + doubled) / 2,)


def rated(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, ...]:
    """torch.nn.GRU with its reset gate always open; the activation is tanh."""
    wx, wh, b, *_ = weights
    size = wh.shape[1]
    pinned = wx.new_zeros(size, wx.shape[1]), wh.new_zeros(size, size), b.new_full((size,), OPEN)
    wx, wh, b = (torch.cat(pair) for pair in zip(pinned, (wx, wh, b), strict=True))
    return gru(inputs, state, Weights(wx, wh, b, b.new_zeros(size)))


def gru(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, ...]:
    """torch.nn.GRU; the activation is tanh."""
    return _run(torch.gru, inputs, state, weights)[:1]


def lstm(inputs: Tensor, state: LayerState, weights: Weights) -> tuple[Tensor, LayerState]:
    """torch.nn.LSTM; returns the outputs and the state after the last step."""
    outputs, h, c = _run(torch.lstm, inputs, state, weights)
    return outputs, (h[0], c[0])


def _run(function: Callable[..., Any], inputs: Tensor, state: LayerState, weights: Weights) -> tuple[Tensor, ...]:
    """Return the outputs, then the state after the last step, (1, batch, hidden size) each."""
    low, full = weights.input.dtype, weights.bias.dtype
    initial = [values[None].to(low).contiguous() for values in state]
    hidden = initial if len(initial) > 1 else initial[0]
    found = function(inputs.to(low), hidden, _one_piece(weights), True, 1, 0.0, torch.is_grad_enabled(), False, True)
    return tuple(values.to(full) for values in found)


def _one_piece(weights: Weights) -> list[Tensor]:
    """Return torch's weights. On a GPU they are contiguous in memory; otherwise cuDNN would copy them and warn."""
    flat = [weight.to(weights.input.dtype) for weight in to_torch(weights)]
    if not flat[0].is_cuda:
        return flat
    pieces = torch.cat([weight.flatten() for weight in flat]).split([weight.numel() for weight in flat])
    return [piece.view_as(weight) for piece, weight in zip(pieces, flat, strict=True)]


def to_torch(weights: Weights) -> list[Tensor]:
    """Return weight_ih, weight_hh, bias_ih and bias_hh of the same unit in torch.nn.

    torch's update gate is the share of the old state that is kept, ours the share of the candidate that is taken:
    sigmoid(-a) is 1 - sigmoid(a), so its rows change sign.
    """
    wx, wh, b, hidden_bias, *_ = weights
    if hidden_bias is None:
        return [wx, wh, b, torch.zeros_like(b)]
    return [_negate_update(w) for w in (wx, wh, b)] + [torch.cat([b.new_zeros(2 * len(hidden_bias)), hidden_bias])]


def from_torch(wx: Tensor, wh: Tensor, bx: Tensor, bh: Tensor) -> Weights:
    """Return our weights of torch's: the inverse of `to_torch`."""
    size = wh.shape[1]
    if len(wh) != 3 * size:
        return Weights(wx, wh, bx + bh)
    b = bx + torch.cat([bh[: 2 * size], torch.zeros_like(bh[2 * size :])])
    return Weights(_negate_update(wx), _negate_update(wh), _negate_update(b), bh[2 * size :])


def _negate_update(rows: Tensor) -> Tensor:
    reset, update, candidate = rows.chunk(3)
    return torch.cat([reset, -update, candidate])
