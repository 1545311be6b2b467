"""The recurrent units' equations, one step at a time. Torch differentiates them.

Each function takes inputs (batch, time, input size), the state before the first step and a layer's weights. It
returns the outputs (batch, time, hidden size), which are the hidden values after each step, and the state after the
last step. x are inputs, h hidden values, c an LSTM's cell. A weight's rows hold the gates in the order of `ROWS`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from models.recurrent.sums import Sums, project, repeated

LayerState = tuple[Tensor, ...]  # (batch, hidden size) each: the hidden values, and for an LSTM then the cell
Activation = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Activation] = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}
ROWS = {  # what the rows of a unit's weights feed, in their order
    "elman": ("candidate",),
    "rated": ("update", "candidate"),
    "gru": ("reset", "update", "candidate"),
    "lstm": ("input", "forget", "candidate", "output"),
    "mingru": ("update", "candidate"),
}


class Weights(NamedTuple):
    """A layer's parameters. Matrices have `hidden size` rows for each gate that they feed, and one column per value."""

    input: Tensor
    hidden: Tensor
    bias: Tensor
    hidden_bias: Tensor | None = None  # of a GRU that resets after the product
    cell: Tensor | None = None  # of an LSTM with peepholes
    rounds: tuple[Tensor, ...] = ()  # of the Mogrifier


def elman(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, LayerState]:
    """The simple recurrent unit (Elman 1990; book, chapter 1)."""
    (h,), act, outputs = state, ACTIVATIONS[activation], []
    sums = _sums(inputs, weights)
    for x in inputs.unbind(1):
        h = act(sums(x, h))
        outputs.append(h)
    return torch.stack(outputs).transpose(0, 1), (h,)


def rated(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, LayerState]:
    """The book's rated unit: only an update gate, between the simple unit and the GRU."""
    (h,), act, outputs = state, ACTIVATIONS[activation], []
    sums = _sums(inputs, weights)
    for x in inputs.unbind(1):
        z, candidate = sums(x, h).chunk(2, 1)
        h = torch.lerp(h, act(candidate), torch.sigmoid(z))  # (1 - z) h + z candidate
        outputs.append(h)
    return torch.stack(outputs).transpose(0, 1), (h,)


def gru(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, LayerState]:
    """The gated recurrent unit (Cho et al. 2014).

    The reset gate comes before the candidate's product, as in the paper and the book, chapter 5; with a hidden bias
    (`reset_after`) it comes after it, as in torch.nn.GRU and cuDNN. z = 1 takes the candidate, as in the book and in
    Chung et al. (2014); in torch.nn.GRU it keeps the old state.

    Only the products read the values that the Mogrifier gates. The update gate mixes with the ungated hidden values,
    because rounds that doubled them at each step would make them grow without bound.
    """
    (h,), act, outputs = state, ACTIVATIONS[activation], []
    mogrify = _mogrifier(inputs, weights.rounds)
    gates = 2 * h.shape[1]  # rows of reset and update
    if weights.hidden_bias is None:
        sums, candidates = _sums(inputs, weights, slice(gates)), _sums(inputs, weights, slice(gates, None))
    else:
        sums = _sums(inputs, _with_rows_of_hidden_values(weights))
    for x in inputs.unbind(1):
        x, g = mogrify(x, h)
        rz, *candidate = sums(x, g).tensor_split([gates, gates + h.shape[1]], 1)
        r, z = torch.sigmoid(rz).chunk(2, 1)
        n = candidates(x, r * g) if weights.hidden_bias is None else torch.addcmul(candidate[0], r, candidate[1])
        h = torch.lerp(h, act(n), z)  # (1 - z) h + z candidate
        outputs.append(h)
    return torch.stack(outputs).transpose(0, 1), (h,)


def lstm(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, LayerState]:
    """Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 2000).

    The activation is tanh. With peepholes the gates read the cell, and the output gate the new cell, through full
    matrices, as in the book, chapter 5 (Gers and Schmidhuber 2000 have diagonal ones). Without them this is
    torch.nn.LSTM.
    """
    (h, c), outputs = state, []
    sums, mogrify = _sums(inputs, weights), _mogrifier(inputs, weights.rounds)
    size = h.shape[1]
    if weights.cell is not None:
        see, see_new = (_products(inputs, matrix) for matrix in weights.cell.split([2 * size, size]))
    for x in inputs.unbind(1):
        both, g, o = sums(*mogrify(x, h)).split([2 * size, size, size], 1)
        i, f = torch.sigmoid(both if weights.cell is None else both + see(c)).chunk(2, 1)
        c = torch.addcmul(f * c, i, torch.tanh(g))
        h = torch.sigmoid(o if weights.cell is None else o + see_new(c)) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs).transpose(0, 1), (h, c)


def mingru(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "") -> tuple[Tensor, LayerState]:
    """The minimal GRU (Feng et al. 2024, minGRU, in its plain form); no activation.

    Gate and candidate depend on the input alone, so h is linear in the previous state. It mixes by shares from 0 to 1,
    so it stays between the least and the greatest candidate.
    """
    (h,), outputs = state, []
    z, candidates = project(inputs, weights.input, weights.bias).chunk(2, 2)
    z = torch.sigmoid(z)
    for kept, taken in zip((1 - z).unbind(0), (z * candidates).unbind(0), strict=True):
        h = torch.addcmul(taken, kept, h)
        outputs.append(h)
    return torch.stack(outputs).transpose(0, 1), (h,)


def _sums(inputs: Tensor, weights: Weights, rows: slice = slice(None)) -> Callable[[Tensor, Tensor], Tensor]:
    """Return a function of each step's x and h in turn: these rows of the gates' sums before their activations.

    The inputs' part is computed before the loop, except where the Mogrifier changes the inputs.
    """
    wx, wh, b = weights.input[rows], weights.hidden[rows], weights.bias[rows]
    if weights.rounds:
        both = Sums(repeated(b, inputs), torch.cat([wx, wh], 1))
        return lambda x, h: both(torch.cat([x, h], 1))
    hidden = Sums(project(inputs, wx, b), wh)
    return lambda x, h: hidden(h)


def _products(inputs: Tensor, matrix: Tensor) -> Sums:
    """Return a function of some values at each step: the matrix's product with them."""
    return Sums(repeated(inputs.new_zeros(len(matrix)), inputs), matrix)


def _with_rows_of_hidden_values(weights: Weights) -> Weights:
    """Return a GRU's weights with the candidate's rows in two: those of the inputs, and those of the hidden values."""
    wx, wh, b, hidden_bias, *_ = weights
    assert hidden_bias is not None
    gates, candidate = wh.split([2 * len(hidden_bias), len(hidden_bias)])
    wx = torch.cat([wx, wx.new_zeros(len(hidden_bias), wx.shape[1])])
    wh = torch.cat([gates, torch.zeros_like(candidate), candidate])
    return weights._replace(input=wx, hidden=wh, bias=torch.cat([b, hidden_bias]))


def _mogrifier(inputs: Tensor, rounds: Sequence[Tensor]) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return a function of each step's x and h: the same after they gated each other (Melis, Kocisky, Blunsom 2020).

    The first round gates x by h, the second h by that x, and so on, each with a matrix of its own. Matrices of
    zeros change nothing, because a gate is twice a sigmoid.
    """
    sums = [_products(inputs, matrix) for matrix in rounds]

    def mogrify(x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        for number, products in enumerate(sums):
            if number % 2:
                h = 2 * torch.sigmoid(products(x)) * h
            else:
                x = 2 * torch.sigmoid(products(h)) * x
        return x, h

    return mogrify
