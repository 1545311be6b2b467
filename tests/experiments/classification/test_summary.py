import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_1samp

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


def test_a_summary_over_folds() -> None:
    folds = [fold([[8, 2], [5, 5]]), fold([[10, 0], [0, 10]])]
    assert summarize(folds, "recurrent", 2) == {
        "accuracy": pytest.approx(0.825),
        "accuracy_deviation": pytest.approx(0.175),
        "chosen": {"10 epochs": 2},
        "confusion": [[18, 2], [5, 15]],
    }


def test_the_recurrent_classifier_is_compared_with_the_best_baseline() -> None:
    found = compare_with_baselines([fold([[10, 0], [0, 10]], [[8, 2], [5, 5]])] * 3, 3)
    untested = dict.fromkeys(("p_value", "low", "high"))
    assert found == {"baseline": BASELINES[0], "mean": pytest.approx(0.35), **untested}


def test_a_paired_test_allows_for_shared_training_lines() -> None:
    differences = np.array([0.04, 0.01, -0.01, 0.03, 0.02, 0.05, 0.00, 0.02, 0.01, 0.03])
    found = paired_test(differences, 5)
    plain = ttest_1samp(differences, 0)
    t = plain.statistic * (0.1 / (0.1 + 0.25)) ** 0.5  # the test lines of a fold are a quarter of its training lines
    assert found["p_value"] == pytest.approx(2 * student.sf(t, 9))
    assert found["p_value"] > plain.pvalue
    assert found["low"] is not None
    assert found["high"] is not None
    assert found["low"] < 0 < differences.mean() < found["high"]  # the plain interval is above 0
    assert plain.confidence_interval().low > 0


def test_equal_differences_are_not_tested() -> None:
    tenths = np.array([0.9 - 0.8, 0.8 - 0.7, 0.7 - 0.6, 1 - 0.9])
    assert len(set(tenths.tolist())) > 1  # by rounding
    for differences in tenths, np.full(3, 0.003):  # NumPy computes a variance above 0 for the second
        assert paired_test(differences, 3) == dict.fromkeys(("p_value", "low", "high"))


def test_the_books_score_is_reached_as_often_as_in_draws_without_replacement() -> None:
    right = np.arange(100) < 75
    outcome = Outcome(0, np.ones(100, int), {"recurrent": right.astype(int)}, {})
    random = np.random.default_rng(1)
    drawn = np.array([random.choice(right, 10, replace=False).sum() for _ in range(4000)])
    assert reach_the_books_score([outcome]) == pytest.approx((drawn >= 9).mean(), abs=0.02)
