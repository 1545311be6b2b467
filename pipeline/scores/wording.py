"""Figures of models in words, as the console and the page show them."""

import math
from collections.abc import Mapping
from typing import Any


def interval(figures: Mapping[str, Any], name: str, form: str, unit: str = "article") -> str:
    """Return a figure's interval as text, or the number of test articles if they are too few; empty without either."""
    if f"{name}_low" in figures:
        return f"{figures[f'{name}_low']:{form}} to {figures[f'{name}_high']:{form}}"
    articles = figures.get("test_articles") if name in figures else None
    return f"{articles} test {unit}{'s' * (articles != 1)}" if articles else ""


def reached(figures: Mapping[str, Any], split: str, perplexity: float | None = None) -> str:
    """Return the perplexity of a model on a split as text, or another one there; of pieces the bits per byte."""
    own, bits = figures[f"{split}_perplexity"], figures.get(f"{split}_bits_per_byte")
    if bits is None:
        return f"{own if perplexity is None else perplexity:,.1f}"
    return f"{bits if perplexity is None else bits * math.log(perplexity) / math.log(own):.3f}"


def ends(figures: Mapping[str, Any], split: str) -> str:
    """Return the interval of what `reached` returns."""
    if f"{split}_bits_per_byte" in figures:
        return interval(figures, f"{split}_bits_per_byte", ".3f")
    return interval(figures, f"{split}_perplexity", ",.1f")


def measure_of(figures: Mapping[str, Any]) -> str:
    """Return the name of what `reached` returns."""
    return "bits per byte" if "test_bits_per_byte" in figures else "perplexity"


def relation(row: Mapping[str, Any]) -> str:
    """Return how a model compares with the one to which `row` has the ratio; level where the interval contains 1."""
    low, high = row.get("ratio_low", 1), row.get("ratio_high", 1)
    return "worse than" if low > 1 else "better than" if high < 1 else "level with"
