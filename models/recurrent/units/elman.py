"""The simple recurrent unit."""

from models.recurrent.units import Activation, Functions, Unit, Value, setting


class Elman(Unit, name="elman", label="Elman unit", gates="candidate"):
    """The simple recurrent unit.

    Source: Elman 1990; book, chapter 1.
    """

    activation: Activation = setting("tanh", "activation of the hidden values")

    def step(self, f: Functions, x: Value, h: Value) -> tuple[Value]:
        """Return the new hidden values."""
        return (f.act(self.activation, f.sums(x, h)),)
