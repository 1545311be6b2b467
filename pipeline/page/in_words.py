"""A chart's data in words, for those who do not see it."""

from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go


def in_words(figure: go.Figure) -> list[str]:
    """A sentence for each line of a chart, each row of bars and each row of a matrix with its values written in.

    Nothing for pictures whose points mean nothing one by one: a map of words, values that are told by colour alone.
    """
    return [sentence for trace in figure.data for sentence in _trace(trace)]


def _trace(trace: Any) -> Iterator[str]:
    name = f"{trace.name}: " if trace.name else ""
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
        low, high = (choose(points, key=lambda point: point[1]) for choose in (min, max))
        ends = f"from {_number(points[0][1])} at {_number(points[0][0])} to {_number(points[-1][1])} at "
        extremes = [
            f"{kind} {_number(y)} at {_number(x)}"
            for kind, (x, y) in (("lowest", low), ("highest", high))
            if (x, y) not in (points[0], points[-1])
        ]
        yield "; ".join([f"{name}{ends}{_number(points[-1][0])}", *extremes])


def _number(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
