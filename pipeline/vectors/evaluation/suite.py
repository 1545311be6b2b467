"""The figures of all evaluation sets, in one row each."""

from collections.abc import Iterable, Iterator

from pipeline.records.analogies import Correlation, SetAnswers, SuiteRow
from pipeline.vectors.evaluation.wording import ACCURACY, SPEARMAN, best_rule


def suite_rows(google: SetAnswers, bats: SetAnswers | None, similarity: Iterable[Correlation]) -> Iterator[SuiteRow]:
    """Yield a row for each set of an analogy report.

    `asked` of the `of` questions or pairs are known. Analogies are from the test half. The `value`, the ends of
    its interval (`low`, `high`) and the trivial `baseline` are None if there is none. The baseline of analogies is the
    best one of the `TRIVIAL` rules, `best_rule`.
    """
    for name, found in (("Google", google), ("BATS", bats)):
        if found:
            yield _analogies(name, found)
    for rated in similarity:
        measured = rated.high - rated.low < 2  # else nothing is known of it
        value, low, high = (rated.spearman, rated.low, rated.high) if measured else (None, None, None)
        counts = {"asked": rated.known, "of": rated.pairs}
        yield SuiteRow(set=rated.name, figure=SPEARMAN, **counts, value=value, low=low, high=high, baseline=None)


def _analogies(name: str, found: SetAnswers) -> SuiteRow:
    own, rule = found.accuracy["cosine"], found.accuracy[best_rule(found.accuracy)]
    shares = (own.test, own.test_low, own.test_high, rule.test) if found.asked_test else (None,) * 4
    row = {"set": name, "figure": ACCURACY, "asked": found.asked_test, "of": found.questions_test}
    return SuiteRow.model_validate(row | dict(zip(("value", "low", "high", "baseline"), shares, strict=True)))
