"""The figures of an analogy report in words, as the console and the page show them."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pipeline.records.analogies import AccuracyByPart, SetAnswers, SuiteRow

ACCURACY, SPEARMAN = "accuracy", "Spearman"
ANSWERS = 3  # that are shown of a kind
TRIVIAL = {
    "frequent": "always giving a section's most frequent answer",
    "third": "the word nearest to the third one",
    "affixes": "the rule of affixes",
}

Shown = TypeVar("Shown")


def best_rule(accuracy: Mapping[str, AccuracyByPart]) -> str:
    """Return which of the `TRIVIAL` rules in an accuracy by figure answers most of the test half."""
    return max(TRIVIAL, key=lambda rule: accuracy[rule].test)


def beside_rule(accuracy: Mapping[str, AccuracyByPart]) -> str:
    """Return in words how the accuracy by cosine compares with the best trivial rule."""
    found = accuracy[rule := best_rule(accuracy)]
    return f"{standing(found.lead_low, found.lead_high)} {TRIVIAL[rule]} ({found.test:.1%})"


def as_text(row: SuiteRow, key: str = "value") -> str:
    """Return a figure of a row as text: a correlation with three decimals, a share in percent; `-` for none."""
    if (value := getattr(row, key)) is None:
        return "-"
    return f"{value:.3f}" if row.figure == SPEARMAN else f"{value:.1%}"


def shown_interval(row: SuiteRow) -> str:
    """Return the ends of a row's interval as text; empty if it has none."""
    return "" if row.low is None else f"{as_text(row, 'low')} to {as_text(row, 'high')}"


def in_full(found: SetAnswers) -> str:
    """Return the accuracy by cosine on the test half, with its interval and its kinds of questions, as text."""
    accuracy = found.accuracy["cosine"]
    told = [] if accuracy.test_low is None else [f"{accuracy.test_low:.1%} to {accuracy.test_high:.1%}"]
    kinds = [kind for kind in ("semantic", "syntactic") if getattr(found, f"asked_test_{kind}")]
    told += [f"{kind} {getattr(accuracy, f'test_{kind}'):.1%}" for kind in kinds]
    return f"{accuracy.test:.1%}" + (f" ({'; '.join(told)})" if told else "")


def standing(low: float | None, high: float | None) -> str:
    """Return whether a figure is ahead of another one, level or behind, by the interval of their paired difference."""
    return "level with" if low is None or high is None or low <= 0 <= high else "ahead of" if low > 0 else "behind"


def spread(examples: Sequence[Shown], number: int = ANSWERS) -> Sequence[Shown]:
    """Return some of the examples, evenly from all: neighbouring questions are about the same words."""
    return examples[:: max(1, len(examples) // number)][:number]
