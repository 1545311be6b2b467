"""The minimal GRU."""

from models.recurrent.units import Functions, Unit, Value


class MinGRU(Unit, name="mingru", label="minGRU", gates="update candidate"):
    """The minimal GRU, which is linear in its state and has no hidden-to-hidden weights.

    Source: Feng et al. 2024, minGRU, in its plain form; no activation. Gate and candidate depend on the input alone.
    The unit mixes by shares from 0 to 1, so it stays between the least and the greatest candidate.
    """

    hidden = ()

    def step(self, f: Functions, x: Value, h: Value) -> tuple[Value]:
        """Return the new hidden values."""
        z, n = f.split(f.sums(x))
        return (f.mix(h, n, f.sigmoid(z)),)
