import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_1samp
from sklearn.metrics import balanced_accuracy_score

from pipeline.experiments.classification.folds import Outcome
from pipeline.experiments.classification.summary import (
    BASELINES,
    compare_with_baselines,
    describe,
    paired_test,
    repeat_the_books_test,
    summarize,
)
from pipeline.settings.experiment_sections import PoetryClassification


def fold(confusion: list[list[int]], other: list[list[int]] | None = None) -> Outcome:
    """A fold in which the recurrent classifier has one confusion matrix, and all baselines another."""
    poets = np.arange(len(confusion))
    labels = np.repeat(poets, np.sum(confusion, axis=1))
    predicted, baseline = (
        np.concatenate([np.repeat(poets, row) for row in matrix]) for matrix in (confusion, other or confusion)
    )
    all_predicted = {"recurrent": predicted, **dict.fromkeys(BASELINES, baseline)}
    return Outcome("poem", 0, labels, all_predicted, dict.fromkeys(all_predicted, "10 epochs"))


def test_a_summary_over_folds() -> None:
    folds = [fold([[8, 2], [5, 5]]), fold([[10, 0], [0, 10]])]
    assert summarize(folds, "recurrent", 2) == {
        "accuracy": pytest.approx(0.825),
        "balanced_accuracy": pytest.approx(0.825),
        "accuracy_deviation": pytest.approx(0.175),
        "balanced_accuracy_deviation": pytest.approx(0.175),
        "chosen": {"10 epochs": 2},
        "confusion": [[18, 2], [5, 15]],
    }


def test_accuracy_is_balanced_over_poets_as_scikit_learn_does_it() -> None:
    outcome = fold([[9, 1], [1, 1]])
    scores = summarize([outcome], "recurrent", 2)
    assert (scores["accuracy"], scores["balanced_accuracy"]) == (pytest.approx(10 / 12), pytest.approx(0.7))
    expected = balanced_accuracy_score(outcome.labels, outcome.predicted["recurrent"])
    assert scores["balanced_accuracy"] == pytest.approx(expected)


@pytest.mark.filterwarnings("error")
def test_a_poet_without_lines_in_a_fold_does_not_count_there() -> None:
    confusion = [[3, 0, 1], [0, 2, 0], [0, 0, 0]]
    scores = summarize([fold(confusion)], "recurrent", 3)
    assert (scores["balanced_accuracy"], scores["confusion"]) == (0.875, confusion)


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


def test_a_small_p_value_is_not_shown_as_zero() -> None:
    report = {
        "held_out": "poems",
        "networks": 2,
        "unit": "gru",
        "classifiers": {name: {"poem": {"accuracy": 0.5}} for name in ("recurrent", "naive_bayes", "most_frequent")},
        "comparison": {"baseline": "naive_bayes", "mean": 0.1, "low": 0.08, "high": 0.12, "p_value": 0.00031},
        "book": {"lines": 10, "mean": 0.5, "deviation": 0.1, "reached": 0.1, "claimed": 0.9},
    }
    assert "; p = 0.00031 by a corrected paired t-test" in list(describe(report))[1]


def test_small_tests_spread_as_draws_without_replacement_do() -> None:
    right = np.arange(100) < 75
    outcome = Outcome("line", 0, np.ones(100, int), {"recurrent": right.astype(int)}, {})
    found = repeat_the_books_test([outcome], PoetryClassification())
    random = np.random.default_rng(1)
    drawn = np.array([random.choice(right, 10, replace=False).sum() for _ in range(4000)])
    np.testing.assert_allclose(found["shares"], np.bincount(drawn, minlength=11) / 4000, atol=0.02)
    assert found["mean"] == pytest.approx(0.75)
    assert found["deviation"] == pytest.approx(drawn.std() / 10, rel=0.05)
    assert found["reached"] == pytest.approx(sum(found["shares"][9:]))
    every = repeat_the_books_test([outcome], PoetryClassification(book_lines=100))
    assert every["deviation"] == pytest.approx(0, abs=1e-6)
