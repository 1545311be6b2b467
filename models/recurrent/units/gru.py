"""The gated recurrent unit."""

from models.recurrent.units import Activation, Functions, Mogrified, Value, setting


class GRU(Mogrified, name="gru", label="GRU", gates="reset update candidate"):
    """The gated recurrent unit.

    The reset gate comes before the candidate's product, as in the paper (Cho et al. 2014) and the book, chapter 5; with
    `reset_after` it comes after it, as in torch.nn.GRU and cuDNN. z = 1 takes the candidate, as in the book and in
    Chung et al. (2014); in torch.nn.GRU it keeps the old state.

    Only the products read the values that the Mogrifier gates. The update gate mixes with the ungated hidden values,
    because rounds that doubled them at each step would make them grow without bound.
    """

    activation: Activation = setting("tanh", "activation of the candidate")
    reset_after: bool = setting(
        True, "apply the reset gate after the matrix product (as torch does) or before it (as the book does)"
    )

    def shapes(self, inputs: int, size: int) -> dict[str, tuple[int, ...]]:
        """Add the bias of the product that the reset gate scales."""
        return super().shapes(inputs, size) | ({"hidden_bias": (size,)} if self.reset_after else {})

    def step(self, f: Functions, x: Value, h: Value) -> tuple[Value]:
        """Return the new hidden values."""
        x, g = self.mogrify(f, x, h)
        if self.reset_after:
            gates, of_x, of_g = f.sums_apart(x, g, "hidden_bias")
            r, z = f.split(f.sigmoid(gates))
            n = f.add(of_x, r, of_g)
        else:
            r, z = f.split(f.sigmoid(f.sums(x, g, "reset", "update")))
            n = f.sums(x, r * g, "candidate")
        return (f.mix(h, f.act(self.activation, n), z),)
