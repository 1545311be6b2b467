"""Perplexity on parts of the test split: by word frequency and by position in the sentence."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from pipeline.page.charts import Axis, Palette, Series, axis, lines, number

FEW = 100  # targets; on fewer, a difference is mostly chance

Rows = Sequence[Mapping[str, Any]]  # a row for each band, as the stage `compare` writes them


class Division(NamedTuple):
    """What divides the targets, the title of its axis, and how a sentence names a band of one value or of several."""

    by: str
    across: str
    one: str
    several: str

    def named(self, band: str) -> str:
        """Return a band as a sentence names it; UNKNOWN and END are bands, too."""
        if not band[0].isdigit():
            return f"on {band}"
        return (self.several if " to " in band else self.one).format(band)


COUNTED = "on words that occur {} times in training"
DIVISIONS = {
    "by_frequency": Division("word frequency", "count in training", COUNTED, COUNTED),
    "by_position": Division("position in the sentence", "position", "at position {}", "at positions {}"),
}


def section(
    compared: Mapping[str, Any], names: Mapping[str, str], best: str | None, rival: str | None, palette: Palette
) -> list[dict[str, Any]]:
    """Return a chart and a table of each division that the report of `compare` has.

    `names` are the labels of the models to show, `best` is the best language model and `rival` the best n-gram model.
    """
    found = []
    for key, division in DIVISIONS.items():
        if rows := compared.get(key):
            shown = {name: label for name, label in names.items() if name in rows[0]["models"]}
            drawn = Palette({label: "ink" if name == rival else palette[name] for name, label in shown.items()})
            often = [row for row in rows if row["targets"] >= FEW]
            sentence = finding(often, division, shown, best, rival) if best in shown and rival in shown else ""
            found.append(
                {
                    "by": division.by,
                    "across": division.across,
                    "finding": sentence,
                    "chart": curves(division, often, shown, drawn) if often else "",
                    "colours": drawn,
                    "rows": cells(rows, shown),
                }
            )
    return found


def finding(rows: Rows, division: Division, names: Mapping[str, str], best: str, rival: str) -> str:
    """Return in which band the best language model gains most on the best n-gram model, and in which it is worse.

    A band counts if its targets are from more than one article and the intervals of the two models do not overlap.
    """
    pairs = [
        (row["band"], row["models"][best], row["models"][rival])
        for row in rows
        if row["models"][best]["low"] < row["models"][best]["high"]
    ]

    def told(band: str, own: Mapping[str, float], other: Mapping[str, float]) -> str:
        return f"{division.named(band)} ({short(own['perplexity'])} instead of {short(other['perplexity'])})"

    better = [pair for pair in pairs if pair[1]["high"] < pair[2]["low"]]
    worse = [told(*pair) for pair in pairs if pair[1]["low"] > pair[2]["high"]]
    if not pairs:
        return ""
    if not better and not worse:
        return f"{names[best]} is not shown to differ from {names[rival]} in any band."
    most = min(better, key=lambda pair: pair[1]["perplexity"] / pair[2]["perplexity"], default=None)
    gains = f"gains most {told(*most)}" if most else "is shown to be better in no band"
    loses = f"is worse {' and '.join(worse)}" if worse else "is shown to be worse in no band"
    return f"Compared with {names[rival]}, {names[best]} {gains} and {loses}."


def curves(division: Division, rows: Rows, names: Mapping[str, str], palette: Palette) -> Markup:
    """Return a chart of perplexity by band; the points of UNKNOWN and END stand alone, as they continue no order."""
    numbered = [i for i, row in enumerate(rows) if row["band"][0].isdigit()]
    joined = [numbered, *([i] for i in range(len(rows)) if i not in numbered)]
    drawn = [
        Series(label, places, [rows[i]["models"][name]["perplexity"] for i in places], dotted=palette[label] == "ink")
        for name, label in names.items()
        for places in joined
        if places
    ]
    bands = [row["band"] for row in rows]
    across = Axis(division.across, -0.5, len(bands) - 0.5, ticks=range(len(bands)), names=bands)
    up = axis("perplexity (log scale)", [value for each in drawn for value in each.y], log=True)
    return lines(f"Perplexity by {division.by}", drawn, across, up, palette, words=False)


def cells(rows: Rows, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return a row for each band: its targets, and each model's perplexity with the ends of its interval."""
    return [
        {
            "band": row["band"],
            "targets": row["targets"],
            "cells": [[short(row["models"][name][key]) for key in ("perplexity", "low", "high")] for name in names],
        }
        for row in rows
    ]


def short(value: float) -> str:
    """Return a perplexity in few digits: 6.7, 299.2, 2,230, 225k."""
    return f"{value:,.1f}" if value < 1000 else number(float(f"{value:.3g}"))
