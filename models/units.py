"""Recurrent layers, one after another."""

from collections.abc import Sequence

from torch import Tensor, nn

UNITS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentStack(nn.Module):
    """Recurrent layers of one unit, each reading the outputs of the one below.

    `unit` is "gru" (Cho et al. 2014, as in torch.nn.GRU) or "lstm" (Hochreiter and Schmidhuber 1997,
    with a forget gate and no peepholes, as in torch.nn.LSTM). The initial state is zero.
    """

    def __init__(self, unit: str, input_size: int, hidden_sizes: Sequence[int]) -> None:
        super().__init__()
        sizes = [input_size, *hidden_sizes]
        self.layers = nn.ModuleList(
            UNITS[unit](below, size, batch_first=True) for below, size in zip(sizes, hidden_sizes, strict=False)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, time, input size) to (batch, time, last hidden size)."""
        outputs = inputs
        for layer in self.layers:
            outputs, _ = layer(outputs)
        return outputs
