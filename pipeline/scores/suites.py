"""Suites of SyntaxGym: items in several conditions, cut into regions, and formulas over the regions' surprisals.

Hu, Gauthier, Qian, Wilcox and Levy (2020), "A Systematic Assessment of Syntactic Generalization in Neural Language
Models". A formula compares sums, such as `[(5;%gap%) < (5;%no-gap%)] & [(*;%a%) > (*;%b%)]`: of the region of a number,
from 1 on, in a condition, or of all regions (`*`).
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.run.errors import UserError
from pipeline.scores.minimal_pairs import Placed

FORMULA_SIGNS = re.compile(r"\s*(?:\(\s*(\d{1,9}|\*)\s*;\s*%([^%]+)%\s*\)|(\d+(?:\.\d+)?)|([-+<>=&|\[\]]))\s*")
MOST_SUMS = 2_000_000  # of a suite: the regions of its items, for each that a formula names
MOST_SIGNS, MOST_BRACKETS = 400, 50  # of a formula, which is read and computed by functions that call themselves
EQUAL = {"rel_tol": 1e-5, "abs_tol": 1e-3}  # of equal sums, in bits, as SyntaxGym has them
LEVELS = "&|", "<>=", "+-"  # operators, the loosest first; those of a level are read from the left
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "&": lambda one, other: one and other,
    "|": lambda one, other: one or other,
    "<": operator.lt,
    ">": operator.gt,
    "=": lambda one, other: math.isclose(one, other, **EQUAL),
    "+": operator.add,
    "-": operator.sub,
}


class Region(NamedTuple):
    """A region in a condition; all regions are `*`."""

    number: str
    condition: str


class Operation(NamedTuple):
    """An operator between two formulas."""

    sign: str
    one: "Formula"
    other: "Formula"


Formula = Region | Operation | float
Conditions = dict[str, list[str]]  # the text of the regions of each condition


class Suite(NamedTuple):
    """The items of a suite; one is right if all formulas hold."""

    name: str
    formulas: list[Formula]
    items: list[Conditions]


def value_of(formula: Formula, sum_of: Callable[[Region], float]) -> Any:
    """Return the value of a formula, given what returns the sum of a region's surprisals in bits."""
    if isinstance(formula, Region):
        return sum_of(formula)
    if isinstance(formula, Operation):
        return OPERATORS[formula.sign](value_of(formula.one, sum_of), value_of(formula.other, sum_of))
    return formula


def read_suite(line: Placed) -> Suite:
    """Return a suite of SyntaxGym's JSON, or of the short form: items by number, lists of regions by condition.

    Raises `UserError`, which names the place, if a key is missing or a formula names no region.
    """
    try:
        content = line.content
        name = str(content["suite"] if "suite" in content else content["meta"]["name"])
        texts = content["formulas"] if "formulas" in content else [own["formula"] for own in content["predictions"]]
        items, formulas = dict(_items(content["items"])), {str(text): _parsed(str(text), line.place) for text in texts}
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:  # the last two of `int`
        told = f"lacks {error.args[0]}" if isinstance(error, KeyError) else "has a value of a wrong kind"
        raise UserError(f"{line.place}: {told}; a suite has a name, formulas, and items with regions") from None
    if not formulas or not items:
        raise UserError(f"{line.place}: suite {name} has no {'items' if formulas else 'formulas'}; it must have some")
    regions = {text: [*_regions(formula)] for text, formula in formulas.items()}
    texts_of_items = sum(1 + len(own) for item in items.values() for own in item.values())
    if texts_of_items * sum(map(len, regions.values())) > MOST_SUMS:
        raise UserError(f"{line.place}: suite {name} asks for more than {MOST_SUMS:,} sums; part it")
    for number, item in items.items():
        for text, named in regions.items():
            for region in named:
                own = item.get(region.condition, [])
                if not own or (region.number != "*" and not 1 <= int(region.number) <= len(own)):
                    what = f"({region.number};%{region.condition}%)"
                    told = f"the formula {text!r} names the region {what}, which item {number} lacks"
                    raise UserError(f"{line.place}: suite {name}: {told}")
    return Suite(name, [*formulas.values()], [*items.values()])


def _items(content: Any) -> Iterator[tuple[str, Conditions]]:
    if isinstance(content, Mapping):
        for number, conditions in content.items():
            yield number, {name: [*map(_checked, regions)] for name, regions in conditions.items()}
        return
    for number, item in enumerate(content, 1):
        conditions = {
            own["condition_name"]: [
                _checked(region["content"])
                for region in sorted(own["regions"], key=lambda region: int(region["region_number"]))
            ]
            for own in item["conditions"]
        }
        yield str(item.get("item_number", number)), conditions


def _checked(region: Any) -> str:
    if not isinstance(region, str):
        raise TypeError
    return region


def _regions(formula: Formula) -> Iterator[Region]:
    if isinstance(formula, Region):
        yield formula
    elif isinstance(formula, Operation):
        yield from _regions(formula.one)
        yield from _regions(formula.other)


def _parsed(text: str, place: str) -> Formula:
    """Return a formula; raises `UserError` if it is none."""
    tokens: list[Formula | str] = []
    at = 0
    while at < len(text) and (found := FORMULA_SIGNS.match(text, at)):
        number, condition, literal, sign = found.groups()
        tokens.append(Region(number, condition) if number else float(literal) if literal else sign)
        at = found.end()
    tokens.reverse()  # the next one is the last
    try:
        if at < len(text) or len(tokens) > MOST_SIGNS or tokens.count("[") > MOST_BRACKETS:
            raise ValueError
        formula = _expression(tokens, 0)
        if tokens or not (isinstance(formula, Operation) and formula.sign not in LEVELS[-1]):
            raise ValueError
    except (ValueError, IndexError):
        hint = "it must compare sums of regions, such as [(5;%a%) < (5;%b%)]"
        raise UserError(f"{place}: the formula {text!r:.200} cannot be read; {hint}") from None
    return formula


def _expression(tokens: list[Formula | str], level: int) -> Formula:
    if level == len(LEVELS):
        return _atom(tokens)
    found = _expression(tokens, level + 1)
    while tokens and isinstance(tokens[-1], str) and tokens[-1] in LEVELS[level]:
        found = Operation(str(tokens.pop()), found, _expression(tokens, level + 1))
    return found


def _atom(tokens: list[Formula | str]) -> Formula:
    token = tokens.pop()
    if token == "[":
        found = _expression(tokens, 0)
        if tokens.pop() != "]":
            raise ValueError
        return found
    if token == "-":
        return Operation("-", 0.0, _atom(tokens))
    if isinstance(token, str):
        raise ValueError  # a sign where a value should be
    return token
