"""Rows of large matrices: a step reads, clips and updates only the rows that it needs.

On a CPU, the gradient of such rows is a sparse tensor. A GPU would wait to count distinct rows, and reads
whole matrices fast, so gradients there are dense.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def take_rows(matrix: Tensor, ids: Tensor) -> Tensor:
    """Return the rows `ids` (...) of a matrix; on a CPU, its gradient is sparse."""
    return F.embedding(ids, matrix, sparse=matrix.is_cpu)


class RowAdam(torch.optim.Adam):
    """Adam that also takes sparse gradients, of matrices, without momentum (the first of `betas` is 0).

    A sparse gradient updates the rows that it holds, and the result is exactly the dense one: without momentum, a
    gradient of zero moves no weight. It decays the mean of squares, and a row makes up for that at its next update.
    """

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take a step; a closure, which computes the gradients, runs first. Sparse gradients are gone afterwards."""
        with torch.enable_grad():
            loss = closure() if closure else None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None and weight.grad.is_sparse:
                    self._update_rows(weight, weight.grad.coalesce(), group)
                    weight.grad = None
        super().step()
        return loss

    def _update_rows(self, weight: Tensor, gradient: Tensor, group: Mapping[str, Any]) -> None:
        (_, beta), state = group["betas"], self.state[weight]
        if not state:
            state["step"], state["exp_avg_sq"] = torch.zeros(()), torch.zeros_like(weight)
            state["updated"] = weight.new_zeros(len(weight))  # the step of each row's last update
        state["step"] += 1
        step, ids, values = float(state["step"]), gradient.indices()[0], gradient.values()
        decay = beta ** (step - state["updated"].index_select(0, ids))
        squares = state["exp_avg_sq"].index_select(0, ids).mul_(decay[:, None])
        squares.addcmul_(values, values, value=1 - beta)
        _put_rows(state["exp_avg_sq"], ids, squares)
        state["updated"].index_fill_(0, ids, step)
        root = squares.div_(1 - beta**step).sqrt_().add_(group["eps"])
        _put_rows(weight, ids, weight.index_select(0, ids).addcdiv_(values, root, value=-group["lr"]))


def _put_rows(matrix: Tensor, ids: Tensor, rows: Tensor) -> None:
    """Overwrite the rows `ids` of a matrix, in a quarter of the time of torch's `index_copy_`."""
    matrix.detach().numpy()[ids.numpy()] = rows.numpy()


@torch.no_grad()
def clip_gradients(weights: Iterable[Tensor], largest: float) -> None:
    """Scale the gradients of all weights, also sparse ones, so that their norm is at most `largest`."""
    values = []
    for weight in weights:
        if weight.grad is not None:
            weight.grad = weight.grad.coalesce() if weight.grad.is_sparse else weight.grad
            values.append(weight.grad.values() if weight.grad.is_sparse else weight.grad)
    norm = torch.nn.utils.get_total_norm(values)
    torch._foreach_mul_(values, (largest / (norm + 1e-6)).clamp(max=1))
