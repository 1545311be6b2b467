"""The page's charts as inline SVG: they print, need no script, and take their colours from the page's style.

A plot's drawing area is the SVG element itself, as wide as the page leaves it; labels stand outside it. Places are in
per cent and writing is in pixels, so that a phone shows the same size of letters as a desk.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

COLOURS = 10  # classes c0, c1 ... in style.css
EDGE = 1000  # of the square in which curves are drawn, before it is stretched


class Palette(dict[str, str]):
    """The class of each name's colour, one on the whole page but for parity.

    Names get theirs in the order in which they are met.
    """

    def __missing__(self, name: str) -> str:
        self[name] = f"c{len(self) % COLOURS}"
        return self[name]


def palette_of(names: Iterable[str]) -> Palette:
    """Return a palette in which `names` have the first colours."""
    return Palette({name: f"c{i % COLOURS}" for i, name in enumerate(names)})


class Series(NamedTuple):
    """A curve of `name`, whose colour it has; `note` distinguishes curves of one name."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    note: str = ""
    dotted: bool = False
    dots: bool = True

    @property
    def label(self) -> str:
        """The name with the note."""
        return ", ".join(filter(None, (self.name, self.note)))


class Axis(NamedTuple):
    """What an axis counts, its ends, and the values with a label; without `ticks` they are chosen."""

    title: str
    low: float
    high: float
    log: bool = False
    ticks: Sequence[float] = ()

    def place(self, value: float) -> float:
        """Return where a value lies: 0 at the low end, 1 at the high one."""
        low, high, value = map(math.log, (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return (value - low) / ((high - low) or 1)

    def labels(self) -> list[float]:
        """Return the values that get a label."""
        ticks = self.ticks or (_log_ticks(self.low, self.high) if self.log else _ticks(self.low, self.high))
        slack = 1e-9 * abs(self.high)
        return [tick for tick in ticks if self.low - slack <= tick <= self.high + slack]


def axis(title: str, values: Iterable[float], *, log: bool = False, zero: bool = False) -> Axis:
    """Return an axis from the least to the greatest of the `values`, or from 0."""
    found = list(values)
    low, high = (0 if zero else min(found)), max(found)
    if log:
        margin = (high / low if high > low else 2) ** 0.03
        return Axis(title, low / margin, high * margin, log=True)
    margin = 0.04 * ((high - low) or abs(high) or 1)
    return Axis(title, 0 if zero else low - margin, high + margin)


def _ticks(low: float, high: float) -> list[float]:
    """Four to eight round values between two ends."""
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough)
    return [step * i for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    decades = math.log10(high / low)
    digits: tuple[float, ...] = (
        (1,) if decades > 2.5 else (1, 2, 5) if decades > 0.8 else (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
    )
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [digit * 10.0**power for power in powers for digit in digits]


def number(value: float) -> str:
    """Return a value as an axis shows it: 0.5, 40, 1,500, 20k, 3M, 5G."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10_000 and abs(value) >= size:
            return f"{value / size:,.4g}{letter}"
    return f"{value:,.6g}"


def lines(
    label: str,
    series: Sequence[Series],
    across: Axis,
    up: Axis,
    palette: Palette,
    *,
    levels: Sequence[tuple[str, float]] = (),
    marks: Sequence[float] = (),
) -> Markup:
    """Return a chart of curves with a legend and what it shows in words.

    `levels` are dashed horizontal lines with a name, `marks` dashed vertical ones.
    """
    names = dict.fromkeys(each.name for each in series)
    keys = [f'<li class="{palette[name]}"><i></i>{escape(name)}</li>' for name in names]
    keys += [f'<li class="level"><i></i>{escape(name)}: {number(round(value, 1))}</li>' for name, value in levels]
    legend = f'<ul class="legend">{"".join(keys)}</ul>' if len(keys) > 1 else ""
    rules = [_rule("y", _percent(1 - up.place(value))) for _, value in levels]
    rules += [_rule("x", _percent(across.place(mark))) for mark in marks]
    drawn = "".join([*_grid(across, up), *rules, *(_curve(each, across, up, palette[each.name]) for each in series)])
    told = _in_words([f"Across: {across.title}; Up: {up.title}", *map(_sentence, series)])
    return Markup(f"{legend}{_frame(label, up.title, across.title, drawn)}{told}")


def _frame(label: str, up: str, across: str, drawn: str) -> str:
    svg = f'<svg class="plot" role="img" aria-label="{escape(label)}">{drawn}</svg>'
    return f'<p class="axis">{escape(up)}</p>{svg}<p class="axis below">{escape(across)}</p>'


def _grid(across: Axis, up: Axis) -> Iterator[str]:
    for tick in up.labels():
        y = _percent(1 - up.place(tick))
        yield f'<line class="grid" x2="100%" y1="{y}" y2="{y}"/>'
        yield f'<text x="-6" y="{y}" dy=".35em" text-anchor="end">{number(tick)}</text>'
    for tick in across.labels():
        x = _percent(across.place(tick))
        yield f'<text x="{x}" y="100%" dy="1.3em" text-anchor="middle">{number(tick)}</text>'
    yield '<line class="grid" x2="100%" y1="100%" y2="100%"/>'


def _rule(axis: str, place: str) -> str:
    other = {"x": "y", "y": "x"}[axis]
    return f'<line class="level" {axis}1="{place}" {axis}2="{place}" {other}2="100%"/>'


def _curve(each: Series, across: Axis, up: Axis, colour: str) -> str:
    """A curve in a square that is stretched to the drawing area, and its dots, which are not."""
    points = list(zip(each.x, each.y, strict=True))
    places = " ".join(f"{EDGE * across.place(x):.4g},{EDGE * (1 - up.place(y)):.4g}" for x, y in points)
    found = (
        f'<svg viewBox="0 0 {EDGE} {EDGE}" preserveAspectRatio="none" width="100%" height="100%">'
        f'<polyline class="{colour}{" dotted" if each.dotted else ""}" points="{places}"/></svg>'
    )
    dots = (
        f'<circle class="{colour}" cx="{_percent(across.place(x))}" cy="{_percent(1 - up.place(y))}" r="3.5">'
        f"<title>{escape(each.label)}: {number(float(f'{y:.4g}'))} at {number(x)}</title></circle>"
        for x, y in points
    )
    return found + "".join(dots if each.dots else ())


def _in_words(sentences: Iterable[str]) -> str:
    """A chart's data as a list that opens, for people who do not see it."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<details class="words"><summary>In words</summary><ul>{items}</ul></details>'


def _sentence(each: Series) -> str:
    """The first and the last point of a curve, and its extremes if they are others."""
    told = [f"{_spoken(y)} at {_spoken(x)}" for x, y in zip(each.x, each.y, strict=True)]
    heights = list(each.y)
    extremes = [
        f"{kind} {told[heights.index(height)]}"
        for kind, height in (("lowest", min(heights)), ("highest", max(heights)))
        if height not in (heights[0], heights[-1])
    ]
    return "; ".join([f"{each.label}: from {told[0]} to {told[-1]}", *extremes])


def _spoken(value: float) -> str:
    """A value as a sentence has it: 0.5, 81.2, 12,346."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"
