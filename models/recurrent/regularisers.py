"""Variational dropout and DropConnect."""

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from models.recurrent.units import HIDDEN_WEIGHT


class Dropout(NamedTuple):
    """The share of values dropped, by place; 0 drops none."""

    embedding: float = 0.0
    layers: float = 0.0
    output: float = 0.0
    weights: float = 0.0


class VariationalDropout(nn.Module):
    """Drops the same values at every step of a sequence (Gal and Ghahramani 2016): one mask a row of the batch."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: Tensor) -> Tensor:
        """(batch, time, size) to the same, scaled so that the mean stays."""
        if not self.training or not self.share:
            return values
        mask = values.new_empty(len(values), 1, values.shape[2]).bernoulli_(1 - self.share)
        return values * mask.div_(1 - self.share)


def dropped_hidden_weights(stack: nn.Module, share: float) -> dict[str, Tensor]:
    """By name, the hidden-to-hidden matrices with values dropped (DropConnect; Merity et al. 2018)."""
    weights = {name: weight for name, weight in stack.named_parameters() if name.endswith(HIDDEN_WEIGHT)}
    return {name: F.dropout(weight, share) for name, weight in weights.items()}
