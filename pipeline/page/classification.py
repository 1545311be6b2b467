"""The section on classifying lines by poet, from the report of `poetry_classification`."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from pipeline.page.charts import COLOURS, UNITS, styled, to_html


def section(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what `classification.html` shows; None without a report, or with an empty one."""
    if not report:
        return None
    labels = labels_of(report)
    shown = [name for name in labels if name not in ("recurrent_alone", "most_frequent")]
    return {
        **report,
        "labels": labels,
        "accuracies": to_html(accuracies(report, labels), "accuracies"),
        "ten_lines": to_html(ten_lines(report["book"]), "ten-lines"),
        "confusions": {
            labels[name]: to_html(confusion(report, name), f"confusion-{name.replace('_', '-')}") for name in shown
        },
    }


def labels_of(report: Mapping[str, Any]) -> dict[str, str]:
    """Return each classifier's name in words."""
    unit, networks = UNITS[report["unit"]], report["networks"]
    return {
        "recurrent": f"{unit} ({networks} networks)" if networks > 1 else unit,
        **({"recurrent_alone": f"{unit} (one network)"} if networks > 1 else {}),
        "logistic_regression": "logistic regression",
        "naive_bayes": "naive Bayes",
        "hidden_markov": "hidden Markov models",
        "most_frequent": "always the same poet",
        "words_logistic_regression": "words: logistic regression",
        "words_naive_bayes": "words: naive Bayes",
    }


def accuracies(report: Mapping[str, Any], labels: Mapping[str, str]) -> go.Figure:
    """Return each classifier's accuracy and its deviation over the folds, by poem and by line."""
    figure = go.Figure()
    ends: list[float] = []
    for by, symbol, colour in (("poem", "circle", COLOURS[0]), ("line", "circle-open", COLOURS[1])):
        scores = [report["classifiers"][name][by] for name in labels]
        means = [100 * score["accuracy"] for score in scores]
        deviations = [100 * score["accuracy_deviation"] for score in scores]
        ends += [mean + side * spread for mean, spread in zip(means, deviations, strict=True) for side in (-1, 1)]
        figure.add_scatter(
            y=list(labels.values()),
            x=means,
            error_x={"array": deviations, "thickness": 1.5},
            name=f"folds by {by}",
            orientation="h",
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 10},
            hovertemplate="%{y}: %{x:.1f}%<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(title="accuracy (%)", range=[min(ends) - 3, max(ends) + 3])
    figure.update_yaxes(autorange="reversed")
    return styled(figure, height=160 + 36 * len(labels), scattermode="group")


def ten_lines(book: Mapping[str, Any]) -> go.Figure:
    """Return how often a test of a few random lines gives each score; scores that reach the book's have a colour."""
    lines = book["lines"]
    reach = [correct >= book["claimed"] * lines for correct in range(lines + 1)]
    figure = go.Figure()
    figure.add_bar(
        x=list(range(lines + 1)),
        y=[100 * share for share in book["shares"]],
        marker_color=[COLOURS[1] if reached else COLOURS[0] for reached in reach],
        hovertemplate="%{x} of " + str(lines) + ": %{y:.1f}% of the draws<extra></extra>",
    )
    figure.update_xaxes(title=f"correct lines of {lines}", dtick=max(1, lines // 10))
    figure.update_yaxes(title="draws (%)")
    return styled(figure, height=300, showlegend=False)


def confusion(report: Mapping[str, Any], name: str) -> go.Figure:
    """Return a classifier's confusion matrix in the folds by poem, as shares of each poet's lines."""
    counts = report["classifiers"][name]["poem"]["confusion"]
    shares = [[100 * count / sum(row) for count in row] for row in counts]
    poets = list(report["poets"])
    figure = go.Figure()
    figure.add_heatmap(
        x=poets,
        y=poets,
        z=shares,
        zmin=0,
        zmax=100,
        colorscale="Blues",
        showscale=False,
        texttemplate="%{z:.0f}%",
        hovertemplate="of the lines of %{y}, %{z:.1f}% classified as %{x}<extra></extra>",
    )
    figure.update_xaxes(title="classified as", showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix=" ")
    return styled(figure, height=130 + 55 * len(poets))
