"""A chart's data in words, for people who do not see it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import escape


class Series(NamedTuple):
    """A curve of `name`, whose colour it has; `note` distinguishes curves of one name.

    `bounds` says of each point whether it is only a lower bound, which is drawn hollow.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    note: str = ""
    dotted: bool = False
    dots: bool = True
    bounds: Sequence[bool] = ()


def lines_in_words(across: str, up: str, series: Iterable[Series]) -> str:
    """Return a list that opens: the axes, and a sentence for each curve."""
    return _details([f"Across: {across}; Up: {up}", *map(_curve, series)])


def columns_in_words(heights: Iterable[float]) -> str:
    """Return a list that opens: one sentence with the height of each of the columns 0, 1, 2 ..."""
    return _details([", ".join(f"{i}: {_number(height)}" for i, height in enumerate(heights))])


def _details(sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<details class="words"><summary>In words</summary><ul>{items}</ul></details>'


def _curve(each: Series) -> str:
    name = ", ".join(filter(None, (each.name, each.note)))
    bounds = each.bounds or [False] * len(each.y)
    heights = list(zip(each.y, bounds, strict=True))
    told = [
        f"{'more than ' if bound else ''}{_number(y)} at {_number(x)}"
        for x, (y, bound) in zip(each.x, heights, strict=True)
    ]
    extremes = [
        f"{kind} {told[i]}"
        for kind, i in (("lowest", heights.index(min(heights))), ("highest", heights.index(max(heights))))
        if heights[i] not in (heights[0], heights[-1])
    ]
    return "; ".join([f"{name}: from {told[0]} to {told[-1]}", *extremes])


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
