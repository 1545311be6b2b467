"""The figures of all evaluation sets, in one row each."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.vectors.evaluation.wording import ACCURACY, SPEARMAN, Row, best_rule


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
