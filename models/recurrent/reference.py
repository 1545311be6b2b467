"""The recurrent units' equations, written out one step at a time: what every faster path must equal.

Each function takes inputs (batch, time, input size), the state before the first step and a layer's weights. It
returns the state after every step: a tuple of (batch, time, hidden size), outputs first. x are inputs, h hidden values,
c an LSTM's cell. A weight's rows hold the gates in the order that a function names.
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
    """The simple recurrent unit (Elman 1990; book, chapter 1)."""
    (h,) = state
    outputs = []
    for x in inputs.unbind(1):
        h = ACTIVATIONS[activation](x @ weights.input.T + h @ weights.hidden.T + weights.bias)
        outputs.append(h)
    return (torch.stack(outputs, 1),)


def rated(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """The book's rated unit: an update gate alone, between the simple unit and the GRU. Rows: update, candidate."""
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
    """The gated recurrent unit (Cho et al. 2014). Rows: reset, update, candidate.

    The reset gate comes before the candidate's product, as in the paper and the book, chapter 5; with a hidden bias
    (`reset_after`) it comes after it, as in torch.nn.GRU and cuDNN. z = 1 takes the candidate, as in the book and in
    Chung et al. (2014); in torch.nn.GRU it keeps the old state.
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


def lstm(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, ...]:
    """Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 2000).

    Rows: input, forget, cell, output; the activation is tanh. With peepholes the gates see the cell, the output gate
    the new one, through full matrices, as in the book, chapter 5 (Gers and Schmidhuber 2000 have diagonal ones).
    Without, this is torch.nn.LSTM.
    """
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
