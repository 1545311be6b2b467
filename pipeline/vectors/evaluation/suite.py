"""The figures of all evaluation sets, in one row each, and their mean."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

METHODS = {"cosine": "3CosAdd", "cosine_mul": "3CosMul"}
SPEARMAN = "Spearman"
MAIN = {METHODS["cosine"], SPEARMAN}  # the figure of each set that counts in the mean
TRIVIAL = {"frequent": "always giving a section's most frequent answer", "spelling": "spelling alone"}
FEWEST_PAIRS = 3  # for a rank correlation

Row = dict[str, Any]


def suite(results: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a row for each set and figure of an analogy report.

    `asked` of the `of` questions or pairs are known. Analogies are from the test half. The `value`, the ends of
    its interval (`low`, `high`) and the trivial `baseline` are None if there is none. `averaged` says whether the row
    counts in `macro_average`. The baseline of analogies is the better one of the `TRIVIAL` rules.
    """
    for name, found in (("Google", results), ("BATS", results["bats"])):
        if found:
            yield from _analogies(name, found)
    for found in results["similarity"].values():
        row = {"set": found["name"], "figure": SPEARMAN, "asked": found["known"], "of": found["pairs"]}
        measured = found["known"] >= FEWEST_PAIRS
        value, low, high = (found[key] if measured else None for key in ("spearman", "low", "high"))
        row |= {"value": value, "low": low, "high": high, "baseline": None}
        yield {**row, "averaged": measured and not found["part_of"]}


def _analogies(name: str, found: Mapping[str, Any]) -> Iterator[Row]:
    asked, accuracy = found["asked_test"], found["accuracy"]
    _, baseline = better_trivial_rule(accuracy)
    for method, label in METHODS.items():
        if method not in accuracy:  # a benchmark asks by 3CosAdd alone
            continue
        row = {"set": name, "figure": label, "asked": asked, "of": found["questions_test"]}
        shares = (*(accuracy[method][part] for part in ("test", "test_low", "test_high")), baseline)
        values = dict(zip(("value", "low", "high", "baseline"), shares if asked else [None] * 4, strict=True))
        yield {**row, **values, "averaged": bool(asked) and label in MAIN}


def better_trivial_rule(accuracy: Mapping[str, Any]) -> tuple[str, float]:
    """Return which of the `TRIVIAL` rules in an accuracy by figure answers more of the test half, and its accuracy."""
    rule = max((rule for rule in TRIVIAL if rule in accuracy), key=lambda rule: accuracy[rule]["test"])
    return rule, accuracy[rule]["test"]


def macro_average(rows: Sequence[Row]) -> float:
    """Return the mean over all sets, in percent; 0 if no set could be asked.

    A set of analogies counts with its accuracy on the test half by 3CosAdd, a similarity set with Spearman's rho, each
    times 100. Sets without a known word are left out, and so are similarity sets whose pairs are all in another one,
    which would count twice.
    """
    return 100 * fmean(values) if (values := [row["value"] for row in rows if row["averaged"]]) else 0.0


def shown(row: Row, key: str = "value") -> str:
    """Return a figure of a row as text: a correlation with three decimals, a share in percent; `-` for none."""
    if row[key] is None:
        return "-"
    return f"{row[key]:.3f}" if row["figure"] == SPEARMAN else f"{row[key]:.1%}"


def shown_interval(row: Row) -> str:
    """Return the ends of a row's interval as text; empty if it has none."""
    return "" if row["low"] is None else f"{shown(row, 'low')} to {shown(row, 'high')}"
