"""The section on parity, from the report of the stage."""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from pipeline.page.charts import Axis, Series, lines, palette_of
from pipeline.page.results import Results
from pipeline.run.console import percent_learnt

UNITS = {"elman": "Elman unit", "rated": "rated unit", "gru": "GRU", "lstm": "LSTM", "mingru": "minGRU"}
LABELS = {"wide": "feedforward, wide", "deep": "feedforward, deep", **UNITS, "mogrifier": "Mogrifier LSTM"}


def section(results: Results) -> dict[str, Any] | None:
    """Return what `parity.html` shows; None without a report, or with an empty one."""
    if not (report := results.json("reports/parity.json")):
        return None
    return {**report, "rows": list(rows(report)), "learnt": percent_learnt, "lengths": accuracy_by_length(report)}


def rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each net: its metrics, its name in words, its hidden sizes and its number of seeds."""
    for name, net in report["nets"].items():
        label = {"label": LABELS[name], "hidden_sizes": net["hidden_sizes"], "seeds": len(net["runs"])}
        yield {**net["figures"], **label}


def accuracy_by_length(report: Mapping[str, Any]) -> Markup:
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
    # A palette of its own, since after the models' colours too few are left; GRU and LSTM have theirs by default.
    colours = palette_of(dict.fromkeys([UNITS["gru"], UNITS["lstm"], *LABELS.values()]))
    return lines("Accuracy by the length of sequences", drawn, across, up, colours, marks=[report["bits"]])
