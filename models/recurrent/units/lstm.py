"""Long short-term memory."""

from typing import ClassVar

from models.recurrent.units import Functions, Mogrified, Value, setting


class LSTM(Mogrified, name="lstm", label="LSTM", gates="input forget candidate output"):
    """Long short-term memory.

    Source: Hochreiter and Schmidhuber 1997, with a forget gate (Gers et al. 2000) whose bias starts at one (Gers,
    Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015). The activation is tanh. With peepholes the
    gates read the cell, and the output gate the new cell, through full matrices, as in the book, chapter 5 (Gers and
    Schmidhuber 2000 have diagonal ones). Without them this is torch.nn.LSTM.
    """

    states = 2
    ones = ("forget",)
    variants: ClassVar = {"mogrifier": ("Mogrifier LSTM", {"mogrifier": 5})}
    peepholes: bool = setting(False, "connect the cell to the gates (as the book does)")

    def shapes(self, inputs: int, size: int) -> dict[str, tuple[int, ...]]:
        """Add the matrices of the peepholes, for the gates input, forget, output."""
        return super().shapes(inputs, size) | ({"cell_weight": (3 * size, size)} if self.peepholes else {})

    def step(self, f: Functions, x: Value, h: Value, c: Value) -> tuple[Value, Value]:
        """Return the new hidden values and the new cell."""
        both, n, o = f.split(f.sums(*self.mogrify(f, x, h)), 2, 1, 1)
        if self.peepholes:
            both = both + f.product("cell_weight", c, 0, 2)
        i, forget = f.split(f.sigmoid(both))
        c = f.add(forget * c, i, f.tanh(n))
        if self.peepholes:
            o = o + f.product("cell_weight", c, 2)
        return f.sigmoid(o) * f.tanh(c), c
