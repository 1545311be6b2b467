"""The units that something computes faster than their steps: torch.nn's kernels, or a function of ours.

Functions take and return the same as `models.recurrent.by_torch.by_steps`.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from models.recurrent.by_torch import LayerState, Weights, by_steps, project
from models.recurrent.gru_kernel import gru
from models.recurrent.units import Unit
from models.recurrent.units.elman import Elman
from models.recurrent.units.gru import GRU
from models.recurrent.units.lstm import LSTM
from models.recurrent.units.mingru import MinGRU

Way = Callable[[Unit, Tensor, LayerState, Weights], tuple[Tensor, LayerState]]


def fastest(unit: Unit, inputs: Tensor, size: int, low: bool) -> Way:
    """Return the function that computes a unit of `size` hidden values fastest on the device of the inputs.

    On a GPU this is cuDNN's, if it has the unit. On a CPU it is oneDNN's LSTM in float32, and in bfloat16 (`low`)
    up to some 300 hidden values; the GRU has a kernel of ours. All give the same numbers.
    """
    onednn = isinstance(unit, LSTM) and inputs.dtype == torch.float32 and not (low and size > 300)
    if kernel_of_torch(unit) and (onednn or not inputs.is_cpu):
        return in_torch
    return own_kernel(unit) or by_steps


def kernel_of_torch(unit: Unit) -> str | None:
    """Return the name of torch's function (cuDNN on a GPU, oneDNN's LSTM on a CPU) for a unit; None if it has none."""
    match unit:
        case Elman(activation="tanh" | "relu"):
            return f"rnn_{unit.activation}"
        case GRU(activation="tanh", reset_after=True, mogrifier=0):
            return "gru"
        case LSTM(peepholes=False, mogrifier=0):
            return "lstm"
    return None


def own_kernel(unit: Unit) -> Way | None:
    """Return our own function for a unit, or None."""
    match unit:
        case GRU(reset_after=True, mogrifier=0):
            return gru
        case MinGRU():
            return mingru
    return None


def mingru(unit: Unit, inputs: Tensor, state: LayerState, weights: Weights) -> tuple[Tensor, LayerState]:
    """Compute the minimal GRU, its gates and candidates for all steps at once."""
    (h,), outputs = state, []
    z, candidates = project(inputs, weights["input_weight"], weights["bias"]).chunk(2, 2)
    z = torch.sigmoid(z)
    for kept, taken in zip((1 - z).unbind(0), (z * candidates).unbind(0), strict=True):
        h = torch.addcmul(taken, kept, h)
        outputs.append(h)
    return torch.stack(outputs).transpose(0, 1), (h,)


def in_torch(unit: Unit, inputs: Tensor, state: LayerState, weights: Weights) -> tuple[Tensor, LayerState]:
    """Compute a unit by torch's function, in the precision of the matrices."""
    low, full = weights["input_weight"].dtype, weights["bias"].dtype
    initial = [values[None].to(low).contiguous() for values in state]
    hidden = initial if len(initial) > 1 else initial[0]
    flat = [weight.to(low) for weight in to_torch(weights)]
    if inputs.is_cuda:  # one piece of memory; otherwise cuDNN would copy the weights and warn
        pieces = torch.cat([weight.flatten() for weight in flat]).split([weight.numel() for weight in flat])
        flat = [piece.view_as(weight) for piece, weight in zip(pieces, flat, strict=True)]
    function = getattr(torch, kernel_of_torch(unit) or "")
    outputs, *after = function(inputs.to(low), hidden, flat, True, 1, 0.0, torch.is_grad_enabled(), False, True)
    return outputs.to(full), tuple(values[0].to(full) for values in after)


def to_torch(weights: Weights) -> list[Tensor]:
    """Return weight_ih, weight_hh, bias_ih and bias_hh of the same unit in torch.nn.

    torch's update gate is the share of the old state that is kept, ours the share of the candidate that is taken:
    sigmoid(-a) is 1 - sigmoid(a), so its rows change sign.
    """
    wx, wh, b = (weights[name] for name in ("input_weight", "hidden_weight", "bias"))
    hidden_bias = weights.get("hidden_bias")
    if hidden_bias is None:
        return [wx, wh, b, torch.zeros_like(b)]
    return [_negate_update(w) for w in (wx, wh, b)] + [torch.cat([b.new_zeros(2 * len(hidden_bias)), hidden_bias])]


def _negate_update(rows: Tensor) -> Tensor:
    reset, update, candidate = rows.chunk(3)
    return torch.cat([reset, -update, candidate])
