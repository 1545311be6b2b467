"""The figures of an analogy report in words, as the console and the page show them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

ACCURACY, SPEARMAN = "accuracy", "Spearman"
ANSWERS = 3  # that are shown of a kind
TRIVIAL = {
    "frequent": "always giving a section's most frequent answer",
    "third": "the word nearest to the third one",
    "affixes": "the rule of affixes",
}

Row = dict[str, Any]
Shown = TypeVar("Shown")


def best_rule(accuracy: Mapping[str, Any]) -> str:
    """Return which of the `TRIVIAL` rules in an accuracy by figure answers most of the test half."""
    return max(TRIVIAL, key=lambda rule: accuracy[rule]["test"])


def beside_rule(accuracy: Mapping[str, Any]) -> str:
    """Return in words how the accuracy by cosine compares with the best trivial rule."""
    rule = best_rule(accuracy)
    how = standing(accuracy[rule]["lead_low"], accuracy[rule]["lead_high"])
    return f"{how} {TRIVIAL[rule]} ({accuracy[rule]['test']:.1%})"


def as_text(row: Row, key: str = "value") -> str:
    """Return a figure of a row as text: a correlation with three decimals, a share in percent; `-` for none."""
    if row[key] is None:
        return "-"
    return f"{row[key]:.3f}" if row["figure"] == SPEARMAN else f"{row[key]:.1%}"


def shown_interval(row: Row) -> str:
    """Return the ends of a row's interval as text; empty if it has none."""
    return "" if row["low"] is None else f"{as_text(row, 'low')} to {as_text(row, 'high')}"


def in_full(found: Mapping[str, Any]) -> str:
    """Return the accuracy by cosine on the test half, with its interval and its kinds of questions, as text."""
    accuracy = found["accuracy"]["cosine"]
    low, high = accuracy["test_low"], accuracy["test_high"]
    told = [] if low is None else [f"{low:.1%} to {high:.1%}"]
    kinds = [kind for kind in ("semantic", "syntactic") if found.get(f"asked_test_{kind}")]
    told += [f"{kind} {accuracy[f'test_{kind}']:.1%}" for kind in kinds]
    return f"{accuracy['test']:.1%}" + (f" ({'; '.join(told)})" if told else "")


def standing(low: float | None, high: float | None) -> str:
    """Return whether a figure is ahead of another one, level or behind, by the interval of their paired difference."""
    return "level with" if low is None or high is None or low <= 0 <= high else "ahead of" if low > 0 else "behind"


def spread(examples: Sequence[Shown], number: int = ANSWERS) -> Sequence[Shown]:
    """Return some of the examples, evenly from all: neighbouring questions are about the same words."""
    return examples[:: max(1, len(examples) // number)][:number]
