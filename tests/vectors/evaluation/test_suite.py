from typing import Any

import pytest

from pipeline.vectors.evaluation.suite import macro_average, shown, shown_interval, suite

SHARES = {"test": 0.5, "test_low": 0.4, "test_high": 0.6, "total": 0.9, "development": 0.9}
METHODS = ("cosine", "cosine_mul", "pair_direction", "frequent", "spelling")


def analogies(**changes: Any) -> dict[str, Any]:
    trivial = {"frequent": SHARES | {"test": 0.05}, "spelling": SHARES | {"test": 0.1}}
    accuracy = dict.fromkeys(METHODS, SHARES) | trivial
    return {"asked_test": 10, "questions_test": 40, "accuracy": accuracy, **changes}


def similarity(name: str, **changes: Any) -> dict[str, Any]:
    values = {"pairs": 9, "known": 4, "spearman": 0.25, "low": -0.5, "high": 0.75, "part_of": None}
    return {"name": name, **values, **changes}


AP = {"name": "ap", "words": 9, "known": 6, "purity": 0.7, "low": 0.3, "high": 0.9, "shuffled": 0.4}
RESULTS = {
    **analogies(),
    "bats": analogies(asked_test=5, accuracy=dict.fromkeys(METHODS, SHARES | {"test": 0.3})),
    "similarity": {
        "one": similarity("One"),
        "part": similarity("Part", part_of="One", spearman=0.9),
        "few": similarity("Few", known=2, spearman=0.0),
    },
    "categories": {"ap": AP},
}


def test_a_row_for_each_set_and_figure() -> None:
    rows = list(suite(RESULTS))
    assert [(row["set"], row["figure"]) for row in rows] == [
        *((name, method) for name in ("Google", "BATS") for method in ("3CosAdd", "3CosMul", "PairDirection")),
        *((name, "Spearman") for name in ("One", "Part", "Few")),
        ("ap", "purity"),
    ]
    google, *_, few, ap = rows
    assert google == {
        "set": "Google", "figure": "3CosAdd", "asked": 10, "of": 40,
        "value": 0.5, "low": 0.4, "high": 0.6, "baseline": 0.1, "averaged": True,
    }  # fmt: skip
    assert [few[key] for key in ("value", "low", "high", "baseline", "averaged")] == [None] * 4 + [False]
    assert [ap[key] for key in ("asked", "of", "value", "low", "high", "baseline")] == [6, 9, 0.7, 0.3, 0.9, 0.4]


def test_the_macro_average_by_hand() -> None:
    # 3CosAdd of Google and BATS, the correlation of One alone, and the purity: of each set one figure, once.
    assert macro_average(list(suite(RESULTS))) == pytest.approx((50 + 30 + 25 + 70) / 4)


def test_sets_of_which_nothing_is_known_do_not_count() -> None:
    results = RESULTS | {"asked_test": 0, "bats": None, "categories": {"ap": AP | {"known": 0}}}
    rows = list(suite(results))
    assert [row["value"] for row in rows if row["set"] in ("Google", "ap")] == [None] * 4
    assert macro_average(rows) == pytest.approx(25)
    assert macro_average([row for row in rows if row["value"] is None]) == 0


def test_figures_as_text() -> None:
    google, *_, one, _, few, ap = suite(RESULTS)
    assert (shown(google), shown_interval(google), shown(google, "baseline")) == ("50.0%", "40.0% to 60.0%", "10.0%")
    assert (shown(one), shown_interval(one), shown(one, "baseline")) == ("0.250", "-0.500 to 0.750", "-")
    assert (shown(few), shown_interval(few)) == ("-", "")
    assert (shown(ap), shown_interval(ap), shown(ap, "baseline")) == ("70.0%", "30.0% to 90.0%", "40.0%")
