"""The recurrent units, a module for each; importing this package finds them. Nothing here imports torch.

A unit's step is its equations: x are inputs, h hidden values, c an LSTM's cell. `models.recurrent.by_torch` computes
it, `models.recurrent.recorded` writes it down for the page.
"""

import dataclasses
import pkgutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar, Literal, TypeAlias

Activation = Literal["tanh", "relu", "sigmoid"]
Kind = str | Mapping[str, Any]  # alone, or with its settings
Value: TypeAlias = Any  # a tensor, or a `Recorded` value; both have +, - and *
UNITS: dict[str, type["Unit"]] = {}  # by name, in the order in which pages list them
FIRST = ("elman", "rated", "gru", "lstm")  # in that order, from simple to complex; the others follow


class Functions:
    """What a step is made of, besides +, - and *. Rows of matrices are counted in hidden sizes, one for each gate."""

    gates: Sequence[str]
    size: int  # hidden size

    def _rows(self, first: int, end: int | None) -> slice:
        return slice(first * self.size, None if end is None else end * self.size)

    def product(self, name: str, values: Value, first: int = 0, end: int | None = None) -> Value:
        """Return the product of a matrix, or of its rows from `first` to `end`, and values."""
        raise NotImplementedError

    def parameter(self, name: str, first: int = 0, end: int | None = None) -> Value:
        """Return a parameter of one dimension, or its values from `first` to `end`."""
        raise NotImplementedError

    def split(self, values: Value, *sizes: int) -> Sequence[Value]:
        """Return values in parts of these sizes, by default of one hidden size each."""
        raise NotImplementedError

    def act(self, activation: Activation, values: Value) -> Value:
        """Return an activation's values."""
        raise NotImplementedError

    def sigmoid(self, values: Value) -> Value:
        """Return 1 / (1 + exp(-values))."""
        return self.act("sigmoid", values)

    def tanh(self, values: Value) -> Value:
        """Return the hyperbolic tangents."""
        return self.act("tanh", values)

    def mix(self, old: Value, new: Value, share: Value) -> Value:
        """Return (1 - share) old + share new."""
        return old + share * (new - old)

    def add(self, total: Value, one: Value, other: Value) -> Value:
        """Return total + one * other."""
        return total + one * other

    def sums(self, x: Value, h: Value | None = None, *gates: str) -> Value:
        """Return the sums of neighbouring gates, by default of all, before their activations; without h of x alone."""
        rows = (self.gates.index(gates[0]), self.gates.index(gates[-1]) + 1) if gates else ()
        of_x = self.product("input_weight", x, *rows) + self.parameter("bias", *rows)
        return of_x if h is None else of_x + self.product("hidden_weight", h, *rows)

    def sums_apart(self, x: Value, h: Value, bias: str) -> Sequence[Value]:
        """Return all gates' sums but the last one's, whose sums of x and of h, which has a `bias` too, come apart."""
        *others, last = self.gates
        of_h = self.product("hidden_weight", h, len(others)) + self.parameter(bias)
        return self.sums(x, h, *others), self.sums(x, None, last), of_h


def setting(default: Any, description: str, **limits: Any) -> Any:
    """Return a setting of a unit; `limits` are those of pydantic's fields, such as `ge`."""
    return dataclasses.field(default=default, metadata={"description": description, **limits})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Unit:
    """A recurrent unit with its settings, which are its fields. The first line of its docstring describes it on pages.

    `name` is its kind in params.yaml, `label` its name in a table, `gates` what the rows of its weights feed in turn.
    `states` is the number of values of a hidden size that a step hands on, the hidden values first. `hidden` names the
    matrices from hidden values to the next, which DropConnect drops. The biases of the gates `ones` start at one.
    `variants` has the labels and settings of variants, by name, that parity compares, too.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    gates: ClassVar[Sequence[str]]
    states: ClassVar[int] = 1
    hidden: ClassVar[Sequence[str]] = ("hidden_weight",)
    ones: ClassVar[Sequence[str]] = ()
    variants: ClassVar[Mapping[str, tuple[str, Mapping[str, Any]]]] = {}

    def __init_subclass__(cls, *, name: str = "", label: str = "", gates: str = "") -> None:
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        if name:
            cls.name, cls.label, cls.gates = name, label, gates.split()
            UNITS[name] = cls

    def shapes(self, inputs: int, size: int) -> dict[str, tuple[int, ...]]:
        """Return the parameters' shapes by name, for an input size and a hidden size; NAME.0, NAME.1 form a list.

        Matrices are drawn, and other parameters start at zero.
        """
        rows = len(self.gates) * size
        return {"input_weight": (rows, inputs), **dict.fromkeys(self.hidden, (rows, size)), "bias": (rows,)}

    def step(self, *values: Any, **named: Any) -> tuple[Value, ...]:
        """Return the state after a step, the hidden values first, from `Functions`, x and the state before it."""
        raise NotImplementedError


class Mogrified(Unit):
    """A unit that may have the Mogrifier's rounds."""

    mogrifier: int = setting(
        0,
        "number of rounds in which inputs and hidden values gate each other (Mogrifier); the paper has 5",
        ge=0,
        le=100,
    )

    def shapes(self, inputs: int, size: int) -> dict[str, tuple[int, ...]]:
        """Add the matrices of the rounds in turn: for inputs by hidden values, then the reverse."""
        rounds = [(size, inputs) if number % 2 else (inputs, size) for number in range(self.mogrifier)]
        return super().shapes(inputs, size) | {f"mogrifier.{number}": shape for number, shape in enumerate(rounds)}

    def mogrify(self, f: Functions, x: Value, h: Value) -> tuple[Value, Value]:
        """Return x and h after they gated each other (Melis, Kocisky, Blunsom 2020).

        The first round gates x by h, the second h by that x, and so on, each with a matrix of its own. Matrices of
        zeros change nothing, because a gate is twice a sigmoid.
        """
        for number in range(self.mogrifier):
            if number % 2:
                h = 2 * f.sigmoid(f.product(f"mogrifier.{number}", x)) * h
            else:
                x = 2 * f.sigmoid(f.product(f"mogrifier.{number}", h)) * x
        return x, h


def spelled_out(kind: Kind) -> dict[str, Any]:
    """Return a kind, which may be given alone, as a mapping with its settings."""
    return {"kind": kind} if isinstance(kind, str) else dict(kind)


def unit_of(kind: Kind) -> Unit:
    """Return a unit by its name, or by a mapping with its `kind` and its settings."""
    settings = spelled_out(kind)
    return UNITS[settings.pop("kind")](**settings)


def compared_units() -> dict[str, tuple[str, Kind]]:
    """Return all units and their variants by name, each with its label."""
    found: dict[str, tuple[str, Kind]] = {}
    for name, unit in UNITS.items():
        found[name] = unit.label, name
        found |= {variant: (label, {"kind": name, **own}) for variant, (label, own) in unit.variants.items()}
    return found


for _name in dict.fromkeys((*FIRST, *sorted(module.name for module in pkgutil.iter_modules(__path__)))):
    import_module(f"{__name__}.{_name}")
