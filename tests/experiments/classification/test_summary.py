from math import comb

import numpy as np
import pytest
from scipy.stats import t as student

from pipeline.experiments.classification.folds import Outcome
from pipeline.experiments.classification.summary import (
    BASELINES,
    compare_with_baselines,
    paired_test,
    reach_the_books_score,
    summarize,
)


def fold(confusion: list[list[int]], other: list[list[int]] | None = None) -> Outcome:
    """A fold in which the recurrent classifier has one confusion matrix, and all baselines another."""
    poets = np.arange(len(confusion))
    labels = np.repeat(poets, np.sum(confusion, axis=1))
    predicted, baseline = (
        np.concatenate([np.repeat(poets, row) for row in matrix]) for matrix in (confusion, other or confusion)
    )
    all_predicted = {"recurrent": predicted, **dict.fromkeys(BASELINES, baseline)}
    return Outcome(0, labels, all_predicted, dict.fromkeys(all_predicted, "10 epochs"))


def test_a_summary_over_folds_and_the_best_baseline() -> None:
    good, poor = [[10, 0], [0, 10]], [[8, 2], [5, 5]]
    assert summarize([fold(poor), fold(good)], "recurrent", 2).model_dump() == {
        "accuracy": pytest.approx(0.825),
        "accuracy_deviation": pytest.approx(0.175),
        "chosen": {"10 epochs": 2},
        "confusion": [[18, 2], [5, 15]],
    }
    found = compare_with_baselines([fold(good, poor)] * 3, 3)
    assert found.model_dump() == {"baseline": BASELINES[0], "mean": pytest.approx(0.35), **UNTESTED}


UNTESTED = dict.fromkeys(("p_value", "low", "high"))


def test_a_paired_test_allows_for_shared_training_lines() -> None:
    differences = np.array([0.04, 0.01, -0.01, 0.03, 0.02, 0.05, 0.00, 0.02, 0.01, 0.03])
    # The test lines of a fold are a quarter of its training lines.
    error = differences.std(ddof=1) * (1 / 10 + 1 / 4) ** 0.5
    half = error * student.ppf(0.975, 9)
    expected = {"p_value": 2 * student.sf(0.02 / error, 9), "low": 0.02 - half, "high": 0.02 + half}
    assert paired_test(differences, 5) == pytest.approx(expected)


def test_equal_differences_are_not_tested() -> None:
    tenths = np.array([0.9 - 0.8, 0.8 - 0.7, 0.7 - 0.6, 1 - 0.9])  # which rounding makes several
    for differences in tenths, np.full(3, 0.003):  # NumPy computes a variance above 0 for the second
        assert paired_test(differences, 3) == UNTESTED


def test_the_books_score_is_reached_as_often_as_in_draws_without_replacement() -> None:
    outcome = Outcome(0, np.ones(100, int), {"recurrent": (np.arange(100) < 75).astype(int)}, {})
    chance = (comb(75, 10) + comb(75, 9) * 25) / comb(100, 10)
    assert reach_the_books_score([outcome]) == pytest.approx(chance)
