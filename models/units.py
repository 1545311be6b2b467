"""Recurrent layers, one after another."""

from collections.abc import Callable, Sequence

from torch import Tensor, nn

UNITS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}
HIDDEN_WEIGHT = "weight_hh_l0"  # a layer's matrix from its last hidden values to the next

State = list[tuple[Tensor, ...]]  # for each layer its hidden values (and cell), each (batch, hidden size)


class RecurrentStack(nn.Module):
    """Recurrent layers of one unit, each reading the outputs of the one below.

    `unit` is "gru" (Cho et al. 2014, as in torch.nn.GRU) or "lstm" (Hochreiter and Schmidhuber 1997,
    with a forget gate and no peepholes, as in torch.nn.LSTM). The initial state is zero.
    Raises `ValueError` for a variant that torch.nn lacks.
    """

    def __init__(
        self,
        unit: str,
        input_size: int,
        hidden_sizes: Sequence[int],
        *,
        activation: str = "tanh",
        peepholes: bool = False,
        reset_after: bool = True,
        learn_initial_state: bool = False,
    ) -> None:
        super().__init__()
        if unit not in UNITS or activation != "tanh" or peepholes or not reset_after or learn_initial_state:
            raise ValueError(f"torch.nn has no such {unit}")
        sizes = [input_size, *hidden_sizes]
        self.layers = nn.ModuleList(
            UNITS[unit](below, size, batch_first=True) for below, size in zip(sizes, hidden_sizes, strict=False)
        )

    def initial_state(self, batch: int) -> State:
        """The state before a sequence."""
        state: State = []
        for layer in self.layers:
            assert isinstance(layer, nn.RNNBase)
            zeros = next(layer.parameters()).new_zeros((batch, layer.hidden_size))
            state.append((zeros, zeros) if isinstance(layer, nn.LSTM) else (zeros,))
        return state

    def forward(
        self, inputs: Tensor, state: State | None = None, *, between: Callable[[Tensor], Tensor] | None = None
    ) -> tuple[Tensor, State]:
        """(batch, time, input size) to (batch, time, last hidden size) and the state behind the last step.

        `between` is applied to what one layer hands to the next.
        """
        outputs, final = inputs, []
        for number, layer in enumerate(self.layers):
            if number and between:
                outputs = between(outputs)
            before = tuple(part.unsqueeze(0) for part in state[number]) if state else None
            if isinstance(layer, nn.LSTM):
                outputs, after = layer(outputs, before)
            else:
                outputs, hidden = layer(outputs, before[0] if before else None)
                after = (hidden,)
            final.append(tuple(part.squeeze(0) for part in after))
        return outputs, final
