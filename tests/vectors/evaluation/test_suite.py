from typing import Any

import pytest

from pipeline.vectors.evaluation.suite import macro_average, shown, shown_interval, suite

SHARES = {"test": 0.5, "test_low": 0.4, "test_high": 0.6, "total": 0.9, "development": 0.9}
TRIVIAL = {"frequent": SHARES | {"test": 0.05}, "spelling": SHARES | {"test": 0.1}}


def analogies(asked: int, test: float) -> dict[str, Any]:
    accuracy = dict.fromkeys(("cosine", "cosine_mul"), SHARES | {"test": test}) | TRIVIAL
    return {"asked_test": asked, "questions_test": 40, "accuracy": accuracy}


def similarity(name: str, **changes: Any) -> dict[str, Any]:
    values = {"pairs": 9, "known": 4, "spearman": 0.25, "low": -0.5, "high": 0.75, "part_of": None}
    return {"name": name, **values, **changes}


RESULTS = {
    **analogies(10, 0.5),
    "bats": analogies(5, 0.3),
    "similarity": {
        "one": similarity("One"),
        "part": similarity("Part", part_of="One", spearman=0.9),
        "few": similarity("Few", known=2, spearman=0.0),
    },
}


def test_a_row_for_each_set_and_figure_and_their_mean() -> None:
    rows = list(suite(RESULTS))
    assert [(row["set"], row["figure"]) for row in rows] == [
        *((name, method) for name in ("Google", "BATS") for method in ("3CosAdd", "3CosMul")),
        *((name, "Spearman") for name in ("One", "Part", "Few")),
    ]
    google, *_, one, _, few = rows
    assert google == {
        "set": "Google", "figure": "3CosAdd", "asked": 10, "of": 40,
        "value": 0.5, "low": 0.4, "high": 0.6, "baseline": 0.1, "averaged": True,
    }  # fmt: skip
    assert (shown(google), shown_interval(google), shown(google, "baseline")) == ("50.0%", "40.0% to 60.0%", "10.0%")
    assert (shown(one), shown_interval(one), shown(one, "baseline")) == ("0.250", "-0.500 to 0.750", "-")
    assert [few[key] for key in ("value", "low", "high", "baseline", "averaged")] == [None] * 4 + [False]
    assert (shown(few), shown_interval(few)) == ("-", "")
    # 3CosAdd of Google and BATS, and the correlation of One alone: of each set one figure, once.
    assert macro_average(rows) == pytest.approx((50 + 30 + 25) / 3)


def test_sets_of_which_nothing_is_known_do_not_count() -> None:
    rows = list(suite(RESULTS | {"asked_test": 0, "bats": None}))
    assert [row["value"] for row in rows if row["set"] == "Google"] == [None] * 2
    assert macro_average(rows) == pytest.approx(25)
    assert macro_average([row for row in rows if row["value"] is None]) == 0
