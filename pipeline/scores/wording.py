"""Figures of models in words, as the console and the page show them."""

from collections.abc import Mapping
from typing import Any

from pipeline.records.grammar import PairedLead
from pipeline.store.scale import scale_of


def interval(figures: Mapping[str, Any], name: str, form: str, unit: str = "article") -> str:
    """Return a figure's interval as text, or the number of test articles if they are too few; empty without either."""
    if f"{name}_low" in figures:
        return f"{figures[f'{name}_low']:{form}} to {figures[f'{name}_high']:{form}}"
    articles = figures.get("test_articles") if name in figures else None
    return f"{articles} test {unit}{'s' * (articles != 1)}" if articles else ""


def reached(figures: Mapping[str, Any], split: str, perplexity: float | None = None) -> str:
    """Return the perplexity of a model on a split as text, or another one there, on the text's scale."""
    scale = scale_of(figures, f"{split}_")
    value = figures[f"{split}_{scale.key}"] if perplexity is None else scale.at(perplexity, figures, split)
    return format(value, scale.form)


def ends(figures: Mapping[str, Any], split: str) -> str:
    """Return the interval of what `reached` returns."""
    scale = scale_of(figures, f"{split}_")
    return interval(figures, f"{split}_{scale.key}", scale.form)


def measure_of(figures: Mapping[str, Any]) -> str:
    """Return the name of what `reached` returns."""
    return scale_of(figures).name


def relation(row: Mapping[str, Any]) -> str:
    """Return how a model compares with the one to which `row` has the ratio; level where the interval contains 1."""
    low, high = row.get("ratio_low", 1), row.get("ratio_high", 1)
    return "worse than" if low > 1 else "better than" if high < 1 else "level with"


def as_points(lead: PairedLead) -> str:
    """Return how far a model is ahead of another one, in points, with its interval."""
    return f"{100 * lead.lead:+.1f} points ({100 * lead.low:+.1f} to {100 * lead.high:+.1f})"
