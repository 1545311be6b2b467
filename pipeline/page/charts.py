"""The page's charts, as Plotly figures and as HTML."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle
from typing import Any

import plotly.graph_objects as go

from pipeline.page.description import in_words

# Each colour has a contrast of 3 to 1 with a white and with a black page. Text gets the page's colours from style.css.
INK, GRID = "#808080", "rgba(128, 128, 128, 0.25)"
COLOURS = ("#2a7ab9", "#d1651a", "#2c9440", "#d6403f", "#8f66c2", "#a5684a", "#d3519f", "#7f7f7f", "#85851a", "#128a9c")
LEGEND = {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0}  # below the axis title
UNITS = {"elman": "Elman unit", "rated": "rated unit", "gru": "GRU", "lstm": "LSTM", "mingru": "minGRU"}


def learning_curves(curves: Mapping[str, Mapping[str, Sequence[float]]]) -> go.Figure:
    """Return perplexity by epoch: a dotted `train` curve, if there is one, and a solid `valid` curve for each model."""
    figure = go.Figure()
    for (model, splits), colour in zip(curves.items(), cycle(COLOURS), strict=False):
        for split, dash in (("train", "dot"), ("valid", "solid")):
            if split not in splits:
                continue
            values = splits[split]
            figure.add_scatter(
                x=list(range(1, len(values) + 1)),
                y=list(values),
                name=f"{model}, {split}",
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                hovertemplate="epoch %{x}: %{y:.1f}<extra>%{fullData.name}</extra>",
            )
    longest = max(len(splits["valid"]) for splits in curves.values())
    figure.update_xaxes(title="epoch", dtick=max(1, longest // 10), zeroline=False)
    drawn = [value for splits in curves.values() for values in splits.values() for value in values]
    digits = (1, 2, 5) if max(drawn) > 8 * min(drawn) else (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
    ticks = [digit * 10**power for power in range(7) for digit in digits]
    figure.update_yaxes(title="perplexity (log scale)", type="log", tickvals=ticks, tickformat=",~f")
    return styled(figure, height=380)


def accuracy_curves(curves: Mapping[str, Sequence[Sequence[float]]], axis: str) -> go.Figure:
    """Return each model's accuracy on analogies by what `axis` counts; a curve has amounts and shares from 0 to 1."""
    figure = go.Figure()
    for (model, (amounts, shares)), colour in zip(curves.items(), cycle(COLOURS), strict=False):
        figure.add_scatter(
            x=list(amounts),
            y=[100 * share for share in shares],
            name=model,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            hovertemplate="%{x:,.0f}: %{y:.1f}%<extra>" + model + "</extra>",
        )
    figure.update_xaxes(title=axis, rangemode="tozero")
    figure.update_yaxes(title="accuracy (%)", rangemode="tozero")
    return styled(figure, height=380, showlegend=True)


def accuracy_by_section(accuracy: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """Return each model's accuracy on each section of the analogy questions: bars, a colour a model."""
    figure = go.Figure()
    for (model, sections), colour in zip(accuracy.items(), cycle(COLOURS), strict=False):
        figure.add_bar(
            y=list(sections),
            x=[100 * value for value in sections.values()],
            name=model,
            orientation="h",
            marker_color=colour,
            hovertemplate="%{y}: %{x:.1f}%<extra>" + model + "</extra>",
        )
    # The axis reaches 10% at least, so that a few correct answers do not fill the chart.
    highest = max(value for sections in accuracy.values() for value in sections.values())
    figure.update_xaxes(title="accuracy (%)", range=[0, max(10.0, 110 * highest)])
    figure.update_yaxes(autorange="reversed")
    sections_shown = len(next(iter(accuracy.values())))
    return styled(figure, height=120 + sections_shown * (14 + 13 * len(accuracy)), barmode="group")


def to_html(figure: go.Figure, name: str) -> str:
    """Return the figure as a `<div>` without Plotly's script, followed by what it shows in words."""
    # No chart zooms (the map has buttons of its own), so that a finger on a chart scrolls the page of a phone.
    config = {"displayModeBar": False, "responsive": True}
    html: str = figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config=config)
    if said := in_words(figure):
        axes = ((axis, figure.layout[f"{letter}axis"].title.text) for axis, letter in (("Across", "x"), ("Up", "y")))
        said = ["; ".join(f"{axis}: {title}" for axis, title in axes if title), *said]
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in said if sentence)
        html += f'<details class="words"><summary>In words</summary><ul>{items}</ul></details>'
    return html


def styled(figure: go.Figure, **layout: Any) -> go.Figure:
    """Give a figure the look that all charts share, and a `layout` of its own."""
    figure.update_layout(
        template="none",
        legend=LEGEND,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "family": "system-ui, sans-serif", "size": 13},
        margin={"l": 60, "r": 10, "t": 15, "b": 50},
        dragmode=False,
    )
    figure.update_layout(**layout)
    figure.update_xaxes(gridcolor=GRID, linecolor=GRID, automargin=True)
    figure.update_yaxes(gridcolor=GRID, linecolor=GRID, automargin=True)
    return figure
