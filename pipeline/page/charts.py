"""The report's charts, as Plotly figures and as the HTML that the page holds."""

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from pipeline.page.description import in_words

# Seen on a white and on a black page alike: each colour stands out from both by 3 to 1. Writing has the page's colours,
# which style.css gives it.
INK, GRID = "#808080", "rgba(128, 128, 128, 0.25)"
COLOURS = ("#2a7ab9", "#d1651a", "#2c9440", "#d6403f", "#8f66c2", "#a5684a", "#d3519f", "#7f7f7f", "#85851a", "#128a9c")
LEGEND = {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0}  # below the axis title, however high
UNITS = {"elman": "Elman unit", "rated": "rated unit", "gru": "GRU", "lstm": "LSTM"}


def learning_curves(curves: Mapping[str, Mapping[str, Sequence[float]]]) -> go.Figure:
    """Perplexity by epoch: for each model, its `train` (dotted) and `valid` (solid) curves."""
    figure = go.Figure()
    for (model, splits), colour in zip(curves.items(), _cycle(len(curves)), strict=True):
        for split, dash in (("train", "dot"), ("valid", "solid")):
            values = splits[split]
            figure.add_scatter(
                x=list(range(1, len(values) + 1)),
                y=list(values),
                name=f"{model}, {split}",
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                hovertemplate="epoch %{x}: %{y:.1f}<extra>%{fullData.name}</extra>",
            )
    figure.update_layout(height=380, legend=LEGEND)
    figure.update_xaxes(title="epoch", dtick=max(1, _longest(curves) // 10), zeroline=False)
    drawn = [value for splits in curves.values() for values in splits.values() for value in values]
    digits = (1, 2, 5) if max(drawn) > 8 * min(drawn) else (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
    ticks = [digit * 10**power for power in range(7) for digit in digits]
    figure.update_yaxes(title="perplexity (log scale)", type="log", tickvals=ticks, tickformat=",~f")
    return styled(figure)


def accuracy_curves(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], axis: str) -> go.Figure:
    """The share of analogies right of each model in per cent (curves hold shares), against what the `axis` counts."""
    figure = go.Figure()
    for (model, (amounts, shares)), colour in zip(curves.items(), _cycle(len(curves)), strict=True):
        figure.add_scatter(
            x=list(amounts),
            y=[100 * share for share in shares],
            name=model,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            hovertemplate="%{x:,.0f}: %{y:.1f}%<extra>" + model + "</extra>",
        )
    figure.update_layout(height=380, showlegend=True, legend=LEGEND)
    figure.update_xaxes(title=axis, rangemode="tozero")
    figure.update_yaxes(title="right answers (%)", rangemode="tozero")
    return styled(figure)


def accuracy_by_section(accuracy: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """Accuracy in per cent of each model (bars of one colour) on each section of the analogy questions."""
    figure = go.Figure()
    for (model, sections), colour in zip(accuracy.items(), _cycle(len(accuracy)), strict=True):
        figure.add_bar(
            y=list(sections),
            x=[100 * value for value in sections.values()],
            name=model,
            orientation="h",
            marker_color=colour,
            hovertemplate="%{y}: %{x:.1f}%<extra>" + model + "</extra>",
        )
    sections_shown = len(next(iter(accuracy.values())))
    figure.update_layout(
        height=120 + sections_shown * (14 + 13 * len(accuracy)),
        barmode="group",
        legend=LEGEND,
    )
    # A chart of two right answers must not look like a triumph.
    highest = max((value for sections in accuracy.values() for value in sections.values()), default=0.0)
    figure.update_xaxes(title="right answers (%)", range=[0, max(10.0, 110 * highest)])
    figure.update_yaxes(autorange="reversed")
    return styled(figure)


def to_html(figure: go.Figure, name: str) -> str:
    """The figure as a `<div>`, and below it what it shows in words; the page holds Plotly's script once."""
    # The map alone is zoomed, with buttons of its own: on a phone a finger that meets a chart moves the page on.
    config = {"displayModeBar": False, "responsive": True}
    html: str = figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config=config)
    if said := in_words(figure):
        axes = ((axis, figure.layout[f"{letter}axis"].title.text) for axis, letter in (("Across", "x"), ("Up", "y")))
        said = ["; ".join(f"{axis}: {title}" for axis, title in axes if title), *said]
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in said if sentence)
        html += f'<details class="words"><summary>In words</summary><ul>{items}</ul></details>'
    return html


def styled(figure: go.Figure) -> go.Figure:
    """The look that all charts share."""
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "family": "system-ui, sans-serif", "size": 13},
        margin={"l": 60, "r": 10, "t": 15, "b": 50},
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=GRID, linecolor=GRID, automargin=True)
    figure.update_yaxes(gridcolor=GRID, linecolor=GRID, automargin=True)
    return figure


def _cycle(number: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(number)]


def _longest(curves: Mapping[str, Mapping[str, Sequence[float]]]) -> int:
    return max(len(splits["valid"]) for splits in curves.values())
