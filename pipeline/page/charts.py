"""The report's charts, as Plotly figures and as the HTML that the page holds."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.colors import qualitative

# Read on a white and on a black page alike.
INK, GRID = "#808080", "rgba(128, 128, 128, 0.25)"
COLOURS = qualitative.D3


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
    figure.update_layout(height=380, legend={"orientation": "h", "y": 1.12})
    figure.update_xaxes(title="epoch", dtick=max(1, _longest(curves) // 10))
    figure.update_yaxes(title="perplexity (log scale)", type="log", nticks=8)
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
        height=120 + 20 * sections_shown * len(accuracy),
        barmode="group",
        legend={"orientation": "h", "y": 1.1},
    )
    # A chart of two right answers must not look like a triumph.
    highest = max((value for sections in accuracy.values() for value in sections.values()), default=0.0)
    figure.update_xaxes(title="right answers (%), cosine", range=[0, max(10.0, 110 * highest)])
    figure.update_yaxes(autorange="reversed")
    return styled(figure)


def word_map(words: Sequence[str], points: np.ndarray, labelled: int) -> go.Figure:
    """`words` at their two-dimensional `points`; the first `labelled` are written out, the others on hover."""
    figure = go.Figure()
    figure.add_scatter(
        x=points[:, 0].round(4).tolist(),
        y=points[:, 1].round(4).tolist(),
        text=list(words),
        mode="markers",
        marker={"size": 6, "color": list(range(len(words))), "colorscale": "Viridis", "opacity": 0.75},
        hovertemplate="%{text}<extra></extra>",
    )
    figure.add_scatter(
        x=points[:labelled, 0].round(4).tolist(),
        y=points[:labelled, 1].round(4).tolist(),
        text=list(words[:labelled]),
        mode="text",
        textposition="top center",
        textfont={"size": 11},
        hoverinfo="skip",
    )
    figure.update_layout(height=520, showlegend=False)
    figure.update_xaxes(showticklabels=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, zeroline=False)
    return styled(figure)


def to_html(figure: go.Figure, name: str) -> str:
    """The figure as a `<div>`; the page holds Plotly's script once."""
    config = {"displaylogo": False, "responsive": True}
    html: str = figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config=config)
    return html


def styled(figure: go.Figure) -> go.Figure:
    """The look that all charts share."""
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "family": "system-ui, sans-serif", "size": 13},
        margin={"l": 60, "r": 10, "t": 30, "b": 50},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": INK},
    )
    figure.update_xaxes(gridcolor=GRID, linecolor=GRID, automargin=True)
    figure.update_yaxes(gridcolor=GRID, linecolor=GRID, automargin=True)
    return figure


def _cycle(number: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(number)]


def _longest(curves: Mapping[str, Mapping[str, Sequence[float]]]) -> int:
    return max(len(splits["valid"]) for splits in curves.values())
