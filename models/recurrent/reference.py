"""The recurrent units' equations, written out one step at a time. Every faster path must give the same numbers.

Each function takes inputs (batch, time, input size), the state before the first step and a layer's weights. It
returns the state after every step: a tuple of (batch, time, hidden size), outputs first. x are inputs, h hidden values,
c an LSTM's cell. A weight's rows hold the gates in the order of `ROWS`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

LayerState = tuple[Tensor, ...]  # (batch, hidden size) each: the hidden values, and for an LSTM then the cell
Activation = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Activation] = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}
CANDIDATE = "candidate"  # the rows of a weight that feed no gate
ROWS = {  # what the rows of a unit's weights feed, in their order
    "elman": (CANDIDATE,),
    "rated": ("update", CANDIDATE),
    "gru": ("reset", "update", CANDIDATE),
    "lstm": ("input", "forget", CANDIDATE, "output"),
    "mingru": ("update", CANDIDATE),
}


class Weights(NamedTuple):
    """A layer's parameters. Matrices have `hidden size` rows for each gate that they feed, and one column per value."""

    input: Tensor
    hidden: Tensor
    bias: Tensor
    hidden_bias: Tensor | None = None  # of a GRU that resets after the product
    cell: Tensor | None = None  # of an LSTM with peepholes
    rounds: tuple[Tensor, ...] = ()  # of the Mogrifier


def elman(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """The simple recurrent unit (Elman 1990; book, chapter 1)."""
    (h,) = state
    outputs = []
    for x in inputs.unbind(1):
        h = ACTIVATIONS[activation](x @ weights.input.T + h @ weights.hidden.T + weights.bias)
        outputs.append(h)
    return (torch.stack(outputs, 1),)


def rated(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """The book's rated unit: only an update gate, between the simple unit and the GRU."""
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
    """The gated recurrent unit (Cho et al. 2014).

    The reset gate comes before the candidate's product, as in the paper and the book, chapter 5; with a hidden bias
    (`reset_after`) it comes after it, as in torch.nn.GRU and cuDNN. z = 1 takes the candidate, as in the book and in
    Chung et al. (2014); in torch.nn.GRU it keeps the old state.

    Only the products read the values that the Mogrifier gates. The update gate mixes with the ungated hidden values,
    because rounds that doubled them at each step would make them grow without bound.
    """
    (h,) = state
    wxr, wxz, wxc = weights.input.chunk(3)
    whr, whz, whc = weights.hidden.chunk(3)
    br, bz, bc = weights.bias.chunk(3)
    outputs = []
    for x in inputs.unbind(1):
        x, g = mogrify(x, h, weights.rounds)
        r = torch.sigmoid(x @ wxr.T + g @ whr.T + br)
        z = torch.sigmoid(x @ wxz.T + g @ whz.T + bz)
        recalled = (r * g) @ whc.T if weights.hidden_bias is None else r * (g @ whc.T + weights.hidden_bias)
        candidate = ACTIVATIONS[activation](x @ wxc.T + recalled + bc)
        h = (1 - z) * h + z * candidate
        outputs.append(h)
    return (torch.stack(outputs, 1),)


def lstm(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, ...]:
    """Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 2000).

    The activation is tanh. With peepholes the gates read the cell, and the output gate the new cell, through full
    matrices, as in the book, chapter 5 (Gers and Schmidhuber 2000 have diagonal ones). Without them this is
    torch.nn.LSTM.
    """
    h, c = state
    wxi, wxf, wxg, wxo = weights.input.chunk(4)
    whi, whf, whg, who = weights.hidden.chunk(4)
    bi, bf, bg, bo = weights.bias.chunk(4)
    none = torch.zeros_like(weights.hidden[: 3 * c.shape[1]])
    wci, wcf, wco = (none if weights.cell is None else weights.cell).chunk(3)
    outputs, cells = [], []
    for x in inputs.unbind(1):
        x, h = mogrify(x, h, weights.rounds)
        i = torch.sigmoid(x @ wxi.T + h @ whi.T + c @ wci.T + bi)
        f = torch.sigmoid(x @ wxf.T + h @ whf.T + c @ wcf.T + bf)
        g = torch.tanh(x @ wxg.T + h @ whg.T + bg)
        c = f * c + i * g
        o = torch.sigmoid(x @ wxo.T + h @ who.T + c @ wco.T + bo)
        h = o * torch.tanh(c)
        outputs.append(h)
        cells.append(c)
    return torch.stack(outputs, 1), torch.stack(cells, 1)


def mogrify(x: Tensor, h: Tensor, rounds: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Return inputs and hidden values that gated each other before a step (Melis, Kocisky and Blunsom 2020).

    The first round gates x by h, the second h by that x, and so on, each with a matrix of its own. Matrices of
    zeros change nothing, because a gate is twice a sigmoid.
    """
    for number, weight in enumerate(rounds):
        if number % 2:
            h = 2 * torch.sigmoid(x @ weight.T) * h
        else:
            x = 2 * torch.sigmoid(h @ weight.T) * x
    return x, h


def mingru(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "") -> tuple[Tensor, ...]:
    """The minimal GRU (Feng et al. 2024, minGRU); no activation.

    Gate and candidate depend on the input alone, so h is linear in the previous state, and the steps can be computed in
    parallel. This is the paper's plain form. The paper's other form works with logarithms, because a scan by cumulative
    products underflows. Here no path divides, and each mixes by shares from 0 to 1, so h stays between the least and
    the greatest candidate, also in float32.
    """
    (h,) = state
    wz, wc = weights.input.chunk(2)
    bz, bc = weights.bias.chunk(2)
    outputs = []
    for x in inputs.unbind(1):
        z = torch.sigmoid(x @ wz.T + bz)
        h = (1 - z) * h + z * (x @ wc.T + bc)
        outputs.append(h)
    return (torch.stack(outputs, 1),)
