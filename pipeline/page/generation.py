"""The section on generated verse: how each poet's models learnt, and how new their lines are."""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import plotly.graph_objects as go

from pipeline.page.charts import COLOURS, learning_curves, styled, to_html
from pipeline.page.models import BASELINES


def section(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what `generation.html` shows; None without a report, or with an empty one."""
    if not report:
        return None
    curves = {
        poet: to_html(
            learning_curves({name: model["curves"] for name, model in found["models"].items()}), f"verse-curves-{poet}"
        )
        for poet, found in report["poets"].items()
    }
    novelty = to_html(novelty_by_temperature(report["poets"]), "verse-novelty")
    return {**report, "baselines": BASELINES, "curves": curves, "novelty": novelty}


def novelty_by_temperature(poets: Mapping[str, Any]) -> go.Figure:
    """Return the share of new 4-grams in what each poet's model writes (solid) and in the poet's held-out lines."""
    figure = go.Figure()
    for (poet, found), colour in zip(poets.items(), cycle(COLOURS), strict=False):
        rows = [row for row in found["by_temperature"] if row["novel_4grams"] is not None]
        temperatures = [row["temperature"] for row in rows]
        figure.add_scatter(
            x=temperatures,
            y=[100 * row["novel_4grams"] for row in rows],
            customdata=[[row["longest_run"], 100 * row["copied_lines"]] for row in rows],
            name=f"{poet}, written",
            mode="lines+markers",
            line={"color": colour, "width": 2},
            hovertemplate="temperature %{x}: %{y:.1f}% new, longest run %{customdata[0]} words, "
            "%{customdata[1]:.1f}% of the lines copied<extra>" + poet + "</extra>",
        )
        if found["held_out"]["novel_4grams"] is not None and temperatures:
            figure.add_scatter(
                x=[temperatures[0], temperatures[-1]],
                y=2 * [100 * found["held_out"]["novel_4grams"]],
                name=f"{poet}, held out",
                mode="lines",
                line={"color": colour, "width": 2, "dash": "dot"},
                hovertemplate="%{y:.1f}% new<extra>" + poet + ", held out</extra>",
            )
    figure.update_xaxes(title="temperature")
    figure.update_yaxes(title="new 4-grams (%)")
    return styled(figure, height=360)
