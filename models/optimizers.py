"""Optimizers whose weight decay means the same for each."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


class SGD(torch.optim.SGD):
    """torch's SGD with decoupled weight decay (SGDW; Loshchilov and Hutter 2019): w falls by lr * decay * w a step."""

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take a step; a closure, which computes the gradients, runs first."""
        with torch.enable_grad():
            loss = closure() if closure else None
        for group in self.param_groups:
            if group["decay"]:
                torch._foreach_mul_(group["params"], 1 - group["lr"] * group["decay"])
        super().step()
        return loss


def make_optimizer(
    model: nn.Module, spared: set[Tensor], *, kind: str, learning_rate: float, weight_decay: float, **settings: Any
) -> torch.optim.Optimizer:
    """Return the optimizer of a `kind`, adam or sgd. Matrices decay, except those in `spared`; vectors do not.

    Without decay, AdamW equals Adam (Loshchilov and Hutter 2019).
    """
    decay = "weight_decay" if kind == "adam" else "decay"
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    decaying = [weight for weight in weights if weight.dim() > 1 and weight not in spared]
    others = [weight for weight in weights if weight.dim() <= 1 or weight in spared]
    groups = [{"params": decaying, decay: weight_decay}, {"params": others, decay: 0.0}]
    if kind == "adam":
        return torch.optim.AdamW(groups, lr=learning_rate, fused=True, **settings)
    return SGD(groups, lr=learning_rate, **settings)
