"""The recurrent units' equations, written out one step at a time: what every faster path must equal.

Each function takes inputs (batch, time, input size), the state before the first step and a layer's weights. It
returns the state after every step: a tuple of (batch, time, hidden size), outputs first. `models.recurrent.units` says
where the equations come from, and in which order a weight's rows hold the gates.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

LayerState = tuple[Tensor, ...]  # (batch, hidden size) each: the hidden values, and of an LSTM its cell behind them
Activation = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Activation] = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}


class Weights(NamedTuple):
    """A layer's parameters. Matrices have `hidden size` rows for each gate that they feed, and a column a value."""

    input: Tensor
    hidden: Tensor
    bias: Tensor
    hidden_bias: Tensor | None = None  # of a GRU that resets after the product
    cell: Tensor | None = None  # of an LSTM with peepholes


def elman(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """h = f(x Wx + h Wh + b)."""
    (h,) = state
    outputs = []
    for x in inputs.unbind(1):
        h = ACTIVATIONS[activation](x @ weights.input.T + h @ weights.hidden.T + weights.bias)
        outputs.append(h)
    return (torch.stack(outputs, 1),)


def rated(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """A gate says how much of a candidate is taken. Rows: update, candidate."""
    (h,) = state
    wxz, wxc = weights.input.chunk(2)
    whz, whc = weights.hidden.chunk(2)
    bz, bc = weights.bias.chunk(2)
    outputs = []
    for x in inputs.unbind(1):
        z = torch.sigmoid(x @ wxz.T + h @ whz.T + bz)
        candidate = ACTIVATIONS[activation](x @ wxc.T + h @ whc.T + bc)
        h = (1 - z) * h + z * candidate
        outputs.append(h)
    return (torch.stack(outputs, 1),)


def gru(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """The rated unit with a reset gate: before the candidate's product or, with a hidden bias, after it.

    Rows: reset, update, candidate.
    """
    (h,) = state
    wxr, wxz, wxc = weights.input.chunk(3)
    whr, whz, whc = weights.hidden.chunk(3)
    br, bz, bc = weights.bias.chunk(3)
    outputs = []
    for x in inputs.unbind(1):
        r = torch.sigmoid(x @ wxr.T + h @ whr.T + br)
        z = torch.sigmoid(x @ wxz.T + h @ whz.T + bz)
        recalled = (r * h) @ whc.T if weights.hidden_bias is None else r * (h @ whc.T + weights.hidden_bias)
        candidate = ACTIVATIONS[activation](x @ wxc.T + recalled + bc)
        h = (1 - z) * h + z * candidate
        outputs.append(h)
    return (torch.stack(outputs, 1),)


def lstm(inputs: Tensor, state: LayerState, weights: Weights) -> tuple[Tensor, ...]:
    """Rows: input, forget, cell, output. With peepholes the gates see the cell, the output gate the new one."""
    h, c = state
    wxi, wxf, wxg, wxo = weights.input.chunk(4)
    whi, whf, whg, who = weights.hidden.chunk(4)
    bi, bf, bg, bo = weights.bias.chunk(4)
    none = torch.zeros_like(weights.hidden[: 3 * c.shape[1]])
    wci, wcf, wco = (none if weights.cell is None else weights.cell).chunk(3)
    outputs, cells = [], []
    for x in inputs.unbind(1):
        i = torch.sigmoid(x @ wxi.T + h @ whi.T + c @ wci.T + bi)
        f = torch.sigmoid(x @ wxf.T + h @ whf.T + c @ wcf.T + bf)
        g = torch.tanh(x @ wxg.T + h @ whg.T + bg)
        c = f * c + i * g
        o = torch.sigmoid(x @ wxo.T + h @ who.T + c @ wco.T + bo)
        h = o * torch.tanh(c)
        outputs.append(h)
        cells.append(c)
    return torch.stack(outputs, 1), torch.stack(cells, 1)
