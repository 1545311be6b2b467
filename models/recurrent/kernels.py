"""The recurrent units' fast path: the equations of `models.recurrent.reference` with a hand-written backward pass.

Why it is fast on a CPU: the input products are taken outside the time loop; a step has few operations, all in place;
tensors are (time, features, batch), so that every gate's rows are contiguous; and the factors of the backward loop are
computed before it, for all steps at once.

The Mogrifier's loops and the minimal GRU's are in `models.recurrent.mogrifier` and `models.recurrent.scan`.

The functions take and return the same as the functions of `models.recurrent.reference`. Their outputs are views of
that layout, and the next layer reads them without a copy.
"""

from typing import Any

import torch
from torch import Tensor

from models.recurrent import mogrifier, scan
from models.recurrent.derivatives import Gradients, first_derivative_only
from models.recurrent.devices import without_autocast
from models.recurrent.reference import LayerState, Weights
from models.recurrent.steps import (
    add_product,
    backwards,
    in_place,
    input_gradients,
    matrix_gradient,
    output_gradients,
    outputs,
    project,
    room_for,
    side_by_side,
    steps,
    times_slope,
)


def elman(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """Return the same as `models.recurrent.reference.elman`: tensors (batch, time, hidden size)."""
    return _apply(_Elman, inputs, state, *weights[:3], activation)


def rated(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """Return the same as `models.recurrent.reference.rated`: tensors (batch, time, hidden size)."""
    return _apply(_Rated, inputs, state, *weights[:3], activation)


def gru(inputs: Tensor, state: LayerState, weights: Weights, activation: str) -> tuple[Tensor, ...]:
    """Return the same as `models.recurrent.reference.gru`: tensors (batch, time, hidden size)."""
    if weights.rounds:
        return _apply(mogrifier.GRU, inputs, state, *weights[:4], activation, *weights.rounds)
    if weights.hidden_bias is None:
        return _apply(_ResetBefore, inputs, state, *weights[:3], activation)
    return _apply(_ResetAfter, inputs, state, *weights[:4], activation)


def lstm(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "tanh") -> tuple[Tensor, ...]:
    """Return the same as `models.recurrent.reference.lstm`: tensors (batch, time, hidden size)."""
    if weights.rounds:
        return _apply(mogrifier.LSTM, inputs, state, *weights[:3], *weights.rounds)
    return _apply(_LSTM, inputs, state, *weights[:3], weights.cell)


def mingru(inputs: Tensor, state: LayerState, weights: Weights, activation: str = "") -> tuple[Tensor, ...]:
    """Return the same as `models.recurrent.reference.mingru`: tensors (batch, time, hidden size)."""
    return scan.minimal_gru(inputs, state, weights, scan.in_turn)


def _apply(function: Any, inputs: Tensor, state: LayerState, *weights: Any) -> tuple[Tensor, ...]:
    with without_autocast(inputs.device):  # it would mix precisions in operations in place
        found = function.apply(inputs.to(weights[2].dtype), *state, *weights)
    return found if isinstance(found, tuple) else (found,)


class _Elman(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, h0: Tensor, wx: Tensor, wh: Tensor, b: Tensor, activation: str) -> Tensor:
        act, hs = in_place(activation, inputs), room_for(inputs, h0.t())
        project(inputs, wx, b, out=hs[1:])
        h, *rest = hs
        for pre in rest:
            h = act(add_product(pre, wh, h))
        ctx.activation = activation
        ctx.save_for_backward(inputs, h0, wx, wh, b, hs)
        return outputs(hs)

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, grad: Tensor) -> Gradients:
        inputs, _, wx, wh, _, hs = ctx.saved_tensors
        d = times_slope(hs.new_ones(()), ctx.activation, hs[1:], torch.empty_like(hs[1:]))
        wh_t = wh.t().contiguous()
        dhs = output_gradients(grad, hs)
        dh = dhs[-1]
        for d_t, before in backwards(d, dhs[:-1]):
            dh = add_product(before, wh_t, d_t.mul_(dh))
        d = side_by_side(d, wx.dtype)
        dx, dwx, db = input_gradients(ctx, inputs, wx, d)
        return dx, dh.t(), dwx, matrix_gradient(d, hs[:-1]), db, None


class _Rated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, h0: Tensor, wx: Tensor, wh: Tensor, b: Tensor, activation: str) -> Tensor:
        act, hs = in_place(activation, inputs), room_for(inputs, h0.t())
        gates = project(inputs, wx, b)
        zs, ns = gates.chunk(2, 1)
        h = hs[0]
        for gates_t, z, n, out in steps(gates, zs, ns, hs[1:]):
            add_product(gates_t, wh, h)
            h = torch.lerp(h, act(n), z.sigmoid_(), out=out)
        ctx.activation = activation
        ctx.save_for_backward(inputs, h0, wx, wh, b, hs, gates)
        return outputs(hs)

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, grad: Tensor) -> Gradients:
        inputs, _, wx, wh, _, hs, gates = ctx.saved_tensors
        zs, ns = gates.chunk(2, 1)
        d = torch.empty_like(gates)
        dz, dn = d.chunk(2, 1)
        times_slope(ns - hs[:-1], "sigmoid", zs, dz)
        times_slope(zs, ctx.activation, ns, dn)
        wh_t = wh.t().contiguous()
        dhs = output_gradients(grad, hs)
        dh = dhs[-1]
        for d_t, both, kept, before in backwards(d, d.unflatten(1, (2, -1)), 1 - zs, dhs[:-1]):
            both.mul_(dh)
            dh = add_product(before.addcmul_(dh, kept), wh_t, d_t)
        d = side_by_side(d, wx.dtype)
        dx, dwx, db = input_gradients(ctx, inputs, wx, d)
        return dx, dh.t(), dwx, matrix_gradient(d, hs[:-1]), db, None


class _ResetBefore(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, h0: Tensor, wx: Tensor, wh: Tensor, b: Tensor, activation: str) -> Tensor:
        act, hs = in_place(activation, inputs), room_for(inputs, h0.t())
        gates = project(inputs, wx, b)
        rs, zs, ns = gates.chunk(3, 1)
        recalled = torch.empty_like(rs)  # the values after the reset gate
        wh_rz, wh_n = wh.tensor_split([2 * h0.shape[1]])
        h = hs[0]
        for rz, r, z, n, rh, out in steps(gates[:, : len(wh_rz)], rs, zs, ns, recalled, hs[1:]):
            add_product(rz, wh_rz, h).sigmoid_()
            add_product(n, wh_n, torch.mul(r, h, out=rh))
            h = torch.lerp(h, act(n), z, out=out)
        ctx.activation = activation
        ctx.save_for_backward(inputs, h0, wx, wh, b, hs, gates, recalled)
        return outputs(hs)

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, grad: Tensor) -> Gradients:
        inputs, _, wx, wh, _, hs, gates, recalled = ctx.saved_tensors
        rs, zs, ns = gates.chunk(3, 1)
        d = torch.empty_like(gates)
        dr, dz, dn = d.chunk(3, 1)
        times_slope(hs[:-1], "sigmoid", rs, dr)
        times_slope(ns - hs[:-1], "sigmoid", zs, dz)
        times_slope(zs, ctx.activation, ns, dn)
        d_rz = d[:, : 2 * hs.shape[1]]
        per_gate = d.unflatten(1, (3, -1))
        wh_rz_t, wh_n_t = (w.t().contiguous() for w in wh.tensor_split([2 * hs.shape[1]]))
        dhs = output_gradients(grad, hs)
        dh, drh = dhs[-1], torch.empty_like(dhs[0])
        for dr_t, dzn_t, drz_t, dn_t, r, kept, before in backwards(dr, per_gate[:, 1:], d_rz, dn, rs, 1 - zs, dhs[:-1]):
            dzn_t.mul_(dh)
            dr_t.mul_(add_product(drh.zero_(), wh_n_t, dn_t))
            dh = add_product(before.addcmul_(dh, kept).addcmul_(drh, r), wh_rz_t, drz_t)
        d = side_by_side(d, wx.dtype)
        dx, dwx, db = input_gradients(ctx, inputs, wx, d)
        d_rz, dn = d.tensor_split([2 * hs.shape[1]])
        dwh = torch.cat([matrix_gradient(d_rz, hs[:-1]), matrix_gradient(dn, recalled)])
        return dx, dh.t(), dwx, dwh, db, None


class _ResetAfter(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, h0: Tensor, wx: Tensor, wh: Tensor, b: Tensor, bh: Tensor, activation: str
    ) -> Tensor:
        act, hs = in_place(activation, inputs), room_for(inputs, h0.t())
        gates = project(inputs, wx, b)
        rs, zs, hidden = gates.chunk(3, 1)
        ns = hidden.clone(memory_format=torch.contiguous_format)
        hidden.copy_(bh[:, None])
        h = hs[0]
        for gates_t, rz, r, z, hidden_t, n, out in steps(gates, gates[:, : 2 * len(bh)], rs, zs, hidden, ns, hs[1:]):
            add_product(gates_t, wh, h)
            rz.sigmoid_()
            h = torch.lerp(h, act(n.addcmul_(r, hidden_t)), z, out=out)
        ctx.activation = activation
        ctx.save_for_backward(inputs, h0, wx, wh, b, bh, hs, gates, ns)
        return outputs(hs)

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, grad: Tensor) -> Gradients:
        inputs, _, wx, wh, _, _, hs, gates, ns = ctx.saved_tensors
        rs, zs, hidden = gates.chunk(3, 1)
        size = hs.shape[1]
        d = gates.new_empty(len(gates), 4 * size, gates.shape[2])
        d_hidden_n, dr, dz, dn = d.chunk(4, 1)
        times_slope(zs, ctx.activation, ns, dn)
        times_slope(dn * hidden, "sigmoid", rs, dr)
        times_slope(ns - hs[:-1], "sigmoid", zs, dz)
        torch.mul(dn, rs, out=d_hidden_n)
        d_hidden = d[:, : 3 * size]  # rows hidden, r, z; the inputs' rows, r, z, n, are contiguous, too
        wh_t = wh.roll(size, 0).t().contiguous()
        dhs = output_gradients(grad, hs)
        dh = dhs[-1]
        for all_t, d_t, kept, before in backwards(d.unflatten(1, (4, -1)), d_hidden, 1 - zs, dhs[:-1]):
            all_t.mul_(dh)
            dh = add_product(before.addcmul_(dh, kept), wh_t, d_t)
        d = side_by_side(d, wx.dtype)
        dx, dwx, db = input_gradients(ctx, inputs, wx, d[size:])
        dwh = matrix_gradient(d[: 3 * size], hs[:-1]).roll(-size, 0)
        return dx, dh.t(), dwx, dwh, db, d[:size].sum(1, dtype=hs.dtype), None


class _LSTM(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, h0: Tensor, c0: Tensor, wx: Tensor, wh: Tensor, b: Tensor, wc: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        act = in_place("tanh", inputs)
        hs, cs = room_for(inputs, h0.t()), room_for(inputs, c0.t())
        gates, oif = _lstm_rows(hs)
        project(inputs, wx, b, out=gates)
        is_, fs, gs, os = gates.chunk(4, 1)
        tanh_cs = torch.empty_like(hs[1:])
        h, c = hs[0], cs[0]
        both = gates[:, : 2 * len(h)]
        if wc is not None:
            add_product(both[0], wc[: 2 * len(h)], c)
            wc_oif = wc.roll(len(h), 0)
        for gates_t, if_t, i, f, g, o, oif_t, c_out, tanh_c, h_out in steps(
            gates, both, is_, fs, gs, os, oif, cs[1:], tanh_cs, hs[1:]
        ):
            add_product(gates_t, wh, h)
            if_t.sigmoid_()
            c = torch.mul(f, c, out=c_out).addcmul_(i, act(g))
            if wc is not None:
                add_product(oif_t, wc_oif, c)
            h = torch.mul(o.sigmoid_(), act(tanh_c.copy_(c)), out=h_out)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(inputs, h0, c0, wx, wh, b, wc, hs, cs, gates, tanh_cs)
        return outputs(hs), outputs(cs)

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, grad: Tensor | None, grad_c: Tensor | None) -> Gradients:
        inputs, _, _, wx, wh, _, wc, hs, cs, gates, tanh_cs = ctx.saved_tensors
        size = hs.shape[1]
        i, f, g, o = gates.chunk(4, 1)
        d, oif = _lstm_rows(hs)
        di, df, dg, do = d.chunk(4, 1)
        times_slope(g, "sigmoid", i, di)
        times_slope(cs[:-1], "sigmoid", f, df)
        times_slope(i, "tanh", g, dg)
        times_slope(tanh_cs, "sigmoid", o, do)
        dc_dh = times_slope(o, "tanh", tanh_cs, torch.empty_like(tanh_cs))
        wh_t, wc_t = wh.t().contiguous(), None if wc is None else wc.roll(size, 0).t().contiguous()
        dhs, dcs = output_gradients(grad, hs), output_gradients(grad_c, cs)
        dh, dc = dhs[-1], dcs[-1]
        per_gate = d.unflatten(1, (4, size))
        for d_t, difg_t, do_t, oif_t, dc_dh_t, f_t, h_before, c_before in backwards(
            d, per_gate[:, :3], do, oif, dc_dh, f, dhs[:-1], dcs[:-1]
        ):
            do_t.mul_(dh)
            dc.addcmul_(dh, dc_dh_t)
            if wc_t is not None:
                add_product(dc, wc_t, oif_t)
            difg_t.mul_(dc)
            dc = c_before.addcmul_(dc, f_t)
            dh = add_product(h_before, wh_t, d_t)
        flat, dwc = side_by_side(d, wx.dtype), None
        if wc_t is not None:
            add_product(dc, wc_t[:, size:], d[0, : 2 * size])
            dwc = torch.cat([matrix_gradient(flat[: 2 * size], cs[:-1]), matrix_gradient(flat[3 * size :], cs[1:])])
        dx, dwx, db = input_gradients(ctx, inputs, wx, flat)
        return dx, dh.t(), dc.t(), dwx, matrix_gradient(flat, hs[:-1]), db, dwc


def _lstm_rows(hs: Tensor) -> tuple[Tensor, Tensor]:
    """Room for rows i, f, g, o of every step, and a view on each step's o together with the next one's i and f.

    A step's new cell feeds these three through peepholes. They are contiguous, so one product computes them. After the
    last step the view ends in zeros.
    """
    time, size, batch = len(hs) - 1, *hs.shape[1:]
    rows = hs.new_empty((time + 1) * 4 * size, batch)
    rows[-4 * size :] = 0
    shifted = rows[3 * size : -size]
    return rows[: -4 * size].unflatten(0, (time, -1)), shifted.unflatten(0, (time, -1))[:, : 3 * size]
