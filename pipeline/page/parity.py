"""The section on parity, from the report of the stage."""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from pipeline.page.charts import Axis, Palette, Series, axis, colour_matrix, lines, palette_of
from pipeline.page.results import Results
from pipeline.run.console import percent_learnt

UNITS = {"elman": "Elman unit", "rated": "rated unit", "gru": "GRU", "lstm": "LSTM", "mingru": "minGRU"}
LABELS = {"wide": "feedforward, wide", "deep": "feedforward, deep", **UNITS, "mogrifier": "Mogrifier LSTM"}


def section(results: Results) -> dict[str, Any] | None:
    """Return what `parity.html` shows; None without a report, or with an empty one."""
    if not (report := results.json("reports/parity.json")):
        return None
    table, states = list(rows(report)), report["hidden_states"]
    # A palette of its own, since after the models' colours too few are left; GRU and LSTM have theirs by default.
    colours = palette_of(dict.fromkeys([UNITS["gru"], UNITS["lstm"], *LABELS.values()]))
    return {
        **report,
        "rows": table,
        "labels": LABELS,
        "learnt": percent_learnt,
        "failed": {row["label"]: row["failed"] for row in table if row["failed"]},
        "restarted": {row["label"]: row["restarted"] for row in table if row.get("restarted")},
        "shown": max((len(state["bits"]) for state in states.values()), default=0),
        "curves": learning_curves(report, colours),
        "lengths": accuracy_by_length(report, colours),
        "units": units_needed(report, colours),
        "states": {LABELS[name]: hidden_states(LABELS[name], state) for name, state in states.items()},
    }


def rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each net: its metrics, and its accuracy at every step and on the sequences that it learnt."""
    for name, net in report["nets"].items():
        runs = net["runs"]
        yield {
            **net["figures"],
            "label": LABELS[name],
            "hidden_sizes": net["hidden_sizes"],
            "seeds": len(runs),
            "every_step": min(run["every_step"] for run in runs),
            "trained": min(run["trained"] for run in net["held_out"]),
            "failed": [run["seed"] for run in runs if not run["solved"]],
        }


def learning_curves(report: Mapping[str, Any], colours: Palette) -> Markup:
    """Return the share of all sequences whose parity is right, by updates: a line for each seed."""
    drawn = []
    for name, net in report["nets"].items():
        for run in net["runs"]:
            updates, whole, _ = zip(*run["curve"], strict=True)
            shares = [100 * share for share in whole]
            drawn.append(Series(LABELS[name], updates, shares, f"seed {run['seed']}", dots=False))
    across = axis("updates (log scale)", [x for each in drawn for x in each.x], log=True)
    up = axis("accuracy (%)", [y for each in drawn for y in each.y])
    return lines("Accuracy by updates, a line for each seed", drawn, across, up, colours)


def accuracy_by_length(report: Mapping[str, Any], colours: Palette) -> Markup:
    """Return accuracy by the length of sequences: each unit's best seed (solid) and its worst (dotted)."""
    drawn = []
    lowest = 0.96  # The axis begins there at most, so that a small error does not look large.
    for name, net in report["nets"].items():
        curves = sorted((run["by_length"] for run in net["runs"] if "by_length" in run), key=sum)
        for kind, curve in {"worst seed": curves[0], "best seed": curves[-1]}.items() if curves else ():
            lowest = min([lowest, *curve])
            shares = [100 * share for share in curve]
            dotted = kind == "worst seed"
            drawn.append(Series(LABELS[name], range(1, len(curve) + 1), shares, kind, dotted, dots=False))
    across = Axis("bits of a sequence", 0, report["longest"])
    up = Axis("accuracy (%)", 100 * lowest - 1, 100.5)
    return lines("Accuracy by the length of sequences", drawn, across, up, colours, marks=[report["bits"]])


def units_needed(report: Mapping[str, Any], colours: Palette) -> Markup:
    """Return the fewest hidden units that were enough, by the bits of a sequence; a hollow dot is a bound."""
    needed = report["needed"]
    drawn = []
    for name, found in needed["nets"].items():
        most = needed["hidden"][-1] * needed["layers"][name]
        units = [answer["hidden_units"] if answer else most for answer in found]
        drawn.append(Series(LABELS[name], needed["bits"], units, bounds=[not answer for answer in found]))
    values = [y for each in drawn for y in each.y]
    ticks = [2**power for power in range(12) if min(values) <= 2**power <= max(values)]
    across = axis("bits of a sequence", needed["bits"])._replace(ticks=needed["bits"])
    up = axis("hidden units (log scale)", values, log=True)._replace(ticks=ticks)
    return lines("Hidden units needed by the number of bits", drawn, across, up, colours)


def hidden_states(label: str, state: Mapping[str, Any]) -> Markup:
    """Return a unit's hidden values over the steps of one sequence, below a row of the parity."""
    largest = max(1.0, *(abs(value) for values in state["values"] for value in values))
    rows = [("parity", [2 * parity - 1 for parity in state["parity"]])]
    rows += [(f"h{i}", [value / largest for value in values]) for i, values in enumerate(state["values"], start=1)]
    return colour_matrix(f"Hidden values of the {label}", rows, list(map(str, state["bits"])))
