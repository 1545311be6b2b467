"""Intervals and comparisons of models in words, as the console and the page show them."""

from collections.abc import Mapping
from typing import Any


def interval(figures: Mapping[str, Any], name: str, form: str, unit: str = "article") -> str:
    """Return a figure's interval as text, or the number of test articles if they are too few; empty without either."""
    if f"{name}_low" in figures:
        return f"{figures[f'{name}_low']:{form}} to {figures[f'{name}_high']:{form}}"
    articles = figures.get("test_articles") if name in figures else None
    return f"{articles} test {unit}{'s' * (articles != 1)}" if articles else ""


def relation(row: Mapping[str, Any]) -> str:
    """Return how a model compares with the one to which `row` has the ratio; level where the interval contains 1."""
    low, high = row.get("ratio_low", 1), row.get("ratio_high", 1)
    return "worse than" if low > 1 else "better than" if high < 1 else "level with"
