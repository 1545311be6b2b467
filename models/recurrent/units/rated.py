"""The book's rated unit."""

from models.recurrent.units import Activation, Functions, Unit, Value, setting


class Rated(Unit, name="rated", label="rated unit", gates="update candidate"):
    """The book's rated unit, which has only an update gate.

    It lies between the simple unit and the GRU.
    """

    activation: Activation = setting("tanh", "activation of the candidate")

    def step(self, f: Functions, x: Value, h: Value) -> tuple[Value]:
        """Return the new hidden values."""
        z, n = f.split(f.sums(x, h))
        return (f.mix(h, f.act(self.activation, n), f.sigmoid(z)),)
