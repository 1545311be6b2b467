"""A chart's data in words, for people who do not see it."""

from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go


def in_words(figure: go.Figure) -> list[str]:
    """Return a sentence for each line of a chart, each set of bars and each row of a matrix that shows its values.

    A map of words and a matrix of colours have none: a single point means nothing there.
    """
    return [sentence for trace in figure.data for sentence in _trace(trace)]


def _trace(trace: Any) -> Iterator[str]:
    said = ", ".join(filter(None, (trace.name, trace.meta)))  # meta distinguishes lines of one name
    name = f"{said}: " if said else ""
    if trace.type == "heatmap":
        if trace.texttemplate:
            for row, values in zip(trace.y, trace.z, strict=True):
                yield f"{row}: " + ", ".join(f"{x} {_number(z)}" for x, z in zip(trace.x, values, strict=True))
        return
    if not trace.x or (trace.text and trace.mode == "markers"):
        return
    points = list(zip(trace.x, trace.y, strict=True))
    if isinstance(trace.y[0], str):
        yield name + ", ".join(f"{label} {_number(value)}" for value, label in points)
    elif trace.type == "bar" or isinstance(trace.x[0], str):
        yield name + ", ".join(f"{_number(label)}: {_number(value)}" for label, value in points)
    else:
        bounds = trace.text or [""] * len(points)  # "more than " if a point is a bound
        heights = [(y, bound) for y, bound in zip(trace.y, bounds, strict=True)]
        told = [f"{bound}{_number(y)} at {_number(x)}" for x, (y, bound) in zip(trace.x, heights, strict=True)]
        last = len(points) - 1
        extremes = [
            f"{kind} {told[i]}"
            for kind, i in (("lowest", heights.index(min(heights))), ("highest", heights.index(max(heights))))
            if heights[i] not in (heights[0], heights[last])
        ]
        yield "; ".join([f"{name}from {told[0]} to {told[last]}", *extremes])


def _number(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
