"""A unit's step, written down as a list of operations that another program computes, such as the page's script."""

from collections.abc import Sequence
from typing import Any, Union

from models.recurrent.units import Activation, Functions, Unit


def recorded(unit: Unit, input_size: int, hidden_size: int) -> dict[str, list[Any]]:
    """Return the `operations` of a step, and the places of the new `state` among its values.

    The values are x and the state before the step, then one for each operation: its name and its operands. Operands are
    places of values, but for `product` (a matrix's name, the first of its rows, their end, the place of a vector),
    `parameter` (its name), `part` (a place, the first number, the end) and `number`.
    """
    f = Recorder(unit, input_size, hidden_size)
    x, *state = [Recorded(f, place, size) for place, size in enumerate((input_size, *[hidden_size] * unit.states))]
    after = unit.step(f, x, *state)
    return {"operations": f.operations, "state": [value.place for value in after]}


class Recorder(Functions):
    """Writes down the operations of a step."""

    def __init__(self, unit: Unit, input_size: int, hidden_size: int) -> None:
        self.gates, self.size, self.given = unit.gates, hidden_size, 1 + unit.states
        self.shapes, self.operations = unit.shapes(input_size, hidden_size), list[list[Any]]()

    def write(self, size: int, name: str, *operands: Any) -> "Recorded":
        """Add an operation; return its value, which has `size` numbers."""
        self.operations.append([name, *operands])
        return Recorded(self, self.given + len(self.operations) - 1, size)

    def product(self, name: str, values: "Recorded", first: int = 0, end: int | None = None) -> "Recorded":
        start, stop, _ = self._rows(first, end).indices(self.shapes[name][0])
        return self.write(stop - start, "product", name, start, stop, values.place)

    def parameter(self, name: str, first: int = 0, end: int | None = None) -> "Recorded":
        (size,) = self.shapes[name]
        start, stop, _ = self._rows(first, end).indices(size)
        whole = self.write(size, "parameter", name)
        return whole if stop - start == size else self.write(stop - start, "part", whole.place, start, stop)

    def split(self, values: "Recorded", *sizes: int) -> Sequence["Recorded"]:
        parts, start = [], 0
        for size in sizes or [1] * (values.size // self.size):
            parts.append(self.write(size * self.size, "part", values.place, start, start + size * self.size))
            start += size * self.size
        return parts

    def act(self, activation: Activation, values: "Recorded") -> "Recorded":
        return self.write(values.size, activation, values.place)


class Recorded:
    """A value of a step: its place among them, and how many numbers it has."""

    def __init__(self, recorder: Recorder, place: int, size: int) -> None:
        self.recorder, self.place, self.size = recorder, place, size

    def _with(self, name: str, other: Union["Recorded", float], *, turned: bool = False) -> "Recorded":
        if not isinstance(other, Recorded):
            other = self.recorder.write(1, "number", other)
        one, two = (other, self) if turned else (self, other)
        return self.recorder.write(max(self.size, other.size), name, one.place, two.place)

    def __add__(self, other: Union["Recorded", float]) -> "Recorded":
        return self._with("add", other)

    def __sub__(self, other: Union["Recorded", float]) -> "Recorded":
        return self._with("subtract", other)

    def __rsub__(self, other: float) -> "Recorded":
        return self._with("subtract", other, turned=True)

    def __mul__(self, other: Union["Recorded", float]) -> "Recorded":
        return self._with("multiply", other)

    __radd__, __rmul__ = __add__, __mul__
