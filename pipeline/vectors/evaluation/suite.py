"""The figures of all evaluation sets, in one row each."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.vectors.evaluation.intervals import standing
from pipeline.vectors.evaluation.trivial import TRIVIAL

ACCURACY, SPEARMAN = "accuracy", "Spearman"

Row = dict[str, Any]


def suite_rows(results: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a row for each set of an analogy report.

    `asked` of the `of` questions or pairs are known. Analogies are from the test half. The `value`, the ends of
    its interval (`low`, `high`) and the trivial `baseline` are None if there is none. The baseline of analogies is the
    best one of the `TRIVIAL` rules, `best_rule`.
    """
    for name, found in (("Google", results), ("BATS", results["bats"])):
        if found:
            yield _analogies(name, found)
    for found in results["similarity"].values():
        row = {"set": found["name"], "figure": SPEARMAN, "asked": found["known"], "of": found["pairs"]}
        measured = found["high"] - found["low"] < 2  # else nothing is known of it
        value, low, high = (found[key] if measured else None for key in ("spearman", "low", "high"))
        yield row | {"value": value, "low": low, "high": high, "baseline": None}


def _analogies(name: str, found: Mapping[str, Any]) -> Row:
    asked, accuracy = found["asked_test"], found["accuracy"]
    row = {"set": name, "figure": ACCURACY, "asked": asked, "of": found["questions_test"]}
    shares = [accuracy["cosine"][f"test{end}"] for end in ("", "_low", "_high")] + [
        accuracy[best_rule(accuracy)]["test"]
    ]
    return row | dict(zip(("value", "low", "high", "baseline"), shares if asked else [None] * 4, strict=True))


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
