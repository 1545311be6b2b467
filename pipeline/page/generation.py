"""The section on generated verse: how each poet's models learnt, and how new their lines are."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from pipeline.page.charts import Palette, Series, axis, lines
from pipeline.page.perplexities import BASELINES, learning_curves
from pipeline.page.results import Results


def section(results: Results, palette: Palette) -> dict[str, Any] | None:
    """Return what `generation.html` shows; None without a report, or with an empty one."""
    if not (report := results.json("reports/poetry_generation.json")):
        return None
    curves = {
        poet: learning_curves(
            f"Perplexity of each model of {poet} by epoch",
            {name: model["curves"] for name, model in found["models"].items()},
            palette,
        )
        for poet, found in report["poets"].items()
    }
    novelty = novelty_by_temperature(report["poets"], palette)
    of_characters = {
        f"characters_{name}": f"{label}, of characters" for name, label in BASELINES.items() if "kneser_ney" in name
    }
    return {**report, "baselines": BASELINES | of_characters, "curves": curves, "novelty": novelty}


def novelty_by_temperature(poets: Mapping[str, Any], palette: Palette) -> Markup | None:
    """Return the share of new 4-grams in what each poet's model writes (solid) and in the poet's held-out lines."""
    drawn: list[Series] = []
    for poet, found in poets.items():
        rows = [row for row in found["by_temperature"] if row["novel_4grams"] is not None]
        temperatures = [row["temperature"] for row in rows]
        if rows:
            drawn.append(Series(poet, temperatures, [100 * row["novel_4grams"] for row in rows], "written"))
        if found["held_out"]["novel_4grams"] is not None and rows:
            level = 2 * [100 * found["held_out"]["novel_4grams"]]
            ends = [temperatures[0], temperatures[-1]]
            drawn.append(Series(poet, ends, level, "held out", dotted=True, dots=False))
    if not drawn:
        return None
    x = axis("temperature", [value for each in drawn for value in each.x])
    y = axis("new 4-grams (%)", [value for each in drawn for value in each.y])
    return lines("Share of new 4-grams in what each poet's model writes, by temperature", drawn, x, y, palette)
