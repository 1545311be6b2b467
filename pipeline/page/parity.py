"""The section on parity, from the report of the stage."""

from collections.abc import Iterator, Mapping
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pipeline.page.charts import COLOURS, UNITS, styled, to_html

LABELS = {"wide": "feedforward, wide", "deep": "feedforward, deep", **UNITS, "mogrifier": "Mogrifier LSTM"}
COLOUR = dict(zip(LABELS, COLOURS, strict=False))


def section(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what `parity.html` shows; None without a report, or with an empty one."""
    if not report:
        return None
    table, states = list(rows(report)), report["hidden_states"]
    return {
        **report,
        "rows": table,
        "labels": LABELS,
        "failed": {row["label"]: row["failed"] for row in table if row["failed"]},
        "shown": max((len(state["bits"]) for state in states.values()), default=0),
        "curves": to_html(learning_curves(report), "parity-curves"),
        "lengths": to_html(accuracy_by_length(report), "parity-lengths"),
        "units": to_html(units_needed(report), "parity-units"),
        "states": to_html(hidden_states(report), "parity-states") if states else None,
    }


def rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each net; a recurrent one has its accuracy at every step and on the longest sequences."""
    for name, net in report["nets"].items():
        runs = net["runs"]
        ends = [run["by_length"][-1] for run in runs if "by_length" in run]
        yield {
            "label": LABELS[name],
            "hidden_sizes": net["hidden_sizes"],
            "parameters": runs[0]["parameters"],
            "seeds": len(runs),
            "solved": sum(run["solved"] for run in runs),
            "whole": min(run["whole"] for run in runs),
            "every_step": min(run["every_step"] for run in runs) if ends else None,
            "longest": (max(ends), min(ends)) if ends else None,
            "trained": min(run["trained"] for run in net["held_out"]),
            "held_out": min(run["held_out"] for run in net["held_out"]),
            "failed": [run["seed"] for run in runs if not run["solved"]],
        }


def learning_curves(report: Mapping[str, Any]) -> go.Figure:
    """Return the share of all sequences whose parity is right, by updates: a line for each seed."""
    figure = go.Figure()
    for name, net in report["nets"].items():
        for number, run in enumerate(net["runs"]):
            updates, whole, _ = zip(*run["curve"], strict=True)
            figure.add_scatter(
                x=list(updates),
                y=[100 * share for share in whole],
                name=LABELS[name],
                meta=f"seed {run['seed']}",
                legendgroup=name,
                showlegend=number == 0,
                mode="lines",
                line={"color": COLOUR[name], "width": 1.5},
                opacity=0.7,
                hovertemplate=f"seed {run['seed']}, " + "%{x} updates: %{y:.1f}%<extra>%{fullData.name}</extra>",
            )
    figure.update_xaxes(
        title="updates (log scale)",
        type="log",
        tickvals=[digit * 10**power for power in range(6) for digit in (1, 2, 5)],
    )
    figure.update_yaxes(title="accuracy (%)")
    return styled(figure, height=400)


def accuracy_by_length(report: Mapping[str, Any]) -> go.Figure:
    """Return accuracy by the length of sequences: each unit's best seed (solid) and its worst (dotted)."""
    figure = go.Figure()
    lowest = 0.96  # The axis begins there at most, so that a small error does not look large.
    for name, net in report["nets"].items():
        curves = sorted((run["by_length"] for run in net["runs"] if "by_length" in run), key=sum)
        lowest = min([lowest, *(share for curve in curves[:1] for share in curve)])
        shown = {"worst seed": ("dot", curves[0]), "best seed": ("solid", curves[-1])} if curves else {}
        for kind, (dash, curve) in shown.items():
            figure.add_scatter(
                x=list(range(1, len(curve) + 1)),
                y=[100 * share for share in curve],
                name=LABELS[name],
                meta=kind,
                legendgroup=name,
                showlegend=dash == "solid",
                mode="lines",
                line={"color": COLOUR[name], "width": 2, "dash": dash},
                hovertemplate="%{x} bits: %{y:.1f}%<extra>" + f"{LABELS[name]}, {kind}</extra>",
            )
    figure.add_vline(x=report["bits"], line={"color": "#808080", "dash": "dash", "width": 1})
    longest = report["longest"]
    tickvals = [round(longest * part / 5) for part in range(6)]
    figure.update_xaxes(title="bits of a sequence", range=[0, 1.01 * longest], tickvals=tickvals)
    figure.update_yaxes(title="accuracy (%)", range=[100 * lowest - 1, 100.5])
    return styled(figure, height=400)


def units_needed(report: Mapping[str, Any]) -> go.Figure:
    """Return the fewest hidden units that were enough, by the bits of a sequence; a hollow triangle is a bound."""
    needed = report["needed"]
    figure = go.Figure()
    for name, found in needed["nets"].items():
        most = needed["hidden"][-1] * needed["layers"][name]
        figure.add_scatter(
            x=needed["bits"],
            y=[answer["hidden_units"] if answer else most for answer in found],
            text=["" if answer else "more than " for answer in found],
            name=LABELS[name],
            mode="lines+markers",
            line={"color": COLOUR[name], "width": 2},
            marker={"size": 9, "symbol": ["circle" if answer else "triangle-up-open" for answer in found]},
            hovertemplate="%{x} bits: %{text}%{y} hidden units<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(title="bits of a sequence", tickvals=needed["bits"])
    figure.update_yaxes(title="hidden units (log scale)", type="log", tickvals=[2**power for power in range(12)])
    return styled(figure, height=400)


def hidden_states(report: Mapping[str, Any]) -> go.Figure:
    """Return each unit's hidden values over the steps of one sequence, below a row of the parity."""
    states = report["hidden_states"]
    figure = make_subplots(
        rows=len(states), shared_xaxes=True, vertical_spacing=0.08, subplot_titles=[LABELS[name] for name in states]
    )
    for row, state in enumerate(states.values(), start=1):
        largest = max(1.0, *(abs(value) for values in state["values"] for value in values))
        parity = [largest * (2 * label - 1) for label in state["parity"]]
        steps = list(range(1, len(parity) + 1))
        figure.add_heatmap(
            x=steps,
            y=["parity", *(f"h{number}" for number in range(1, len(state["values"]) + 1))],
            z=[parity, *state["values"]],
            zmin=-largest,
            zmax=largest,
            colorscale="RdBu",
            reversescale=True,
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="step %{x}, %{y}: %{z:.2f}<extra></extra>",
            row=row,
            col=1,
        )
        figure.update_xaxes(tickvals=steps, ticktext=state["bits"], tickangle=0, showgrid=False, row=row, col=1)
        figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix=" ", row=row, col=1)
    figure.update_xaxes(title="the bit read at each step", row=len(states), col=1)
    return styled(figure, height=110 + 150 * len(states), margin={"t": 30, "b": 60})
