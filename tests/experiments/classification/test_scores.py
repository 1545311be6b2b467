import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix

from pipeline.experiments.classification.scores import (
    accuracy,
    balanced_accuracy,
    compare,
    confusion,
    draw_small_tests,
    summarize,
)

RANDOM = np.random.default_rng(1)
LABELS, PREDICTED = RANDOM.integers(3, size=(2, 50))


def test_scores_are_scikit_learns() -> None:
    found = confusion(LABELS, PREDICTED, 3)
    np.testing.assert_array_equal(found, confusion_matrix(LABELS, PREDICTED))
    assert accuracy(found[None])[0] == pytest.approx(accuracy_score(LABELS, PREDICTED))
    assert balanced_accuracy(found[None])[0] == pytest.approx(balanced_accuracy_score(LABELS, PREDICTED))


def test_a_poet_without_lines_in_a_fold_does_not_count_there() -> None:
    assert balanced_accuracy(np.array([[[3, 1, 0], [0, 2, 0], [0, 0, 0]]])).tolist() == [0.875]


def test_a_summary_over_folds() -> None:
    folds = np.array([[[8, 2], [5, 5]], [[10, 0], [0, 10]]])
    assert summarize(folds) == {
        "accuracy": pytest.approx(0.825),
        "balanced_accuracy": pytest.approx(0.825),
        "accuracy_deviation": pytest.approx(0.175),
        "balanced_accuracy_deviation": pytest.approx(0.175),
        "confusion": [[18, 2], [5, 15]],
    }
    assert compare(folds[1:], folds[:1]) == {"mean": pytest.approx(0.35), "deviation": 0.0, "at_or_above": 1.0}


def test_small_tests_spread_as_draws_without_replacement_do() -> None:
    right = np.arange(100) < 75
    counts = draw_small_tests(right, 10, 4000, 1)
    assert counts.min() >= 0
    assert counts.max() <= 10
    assert counts.mean() == pytest.approx(7.5, abs=0.1)
    hypergeometric = (10 * 0.75 * 0.25 * 90 / 99) ** 0.5
    assert counts.std() == pytest.approx(hypergeometric, rel=0.05)
    assert (draw_small_tests(right, 100, 3, 1) == 75).all()
    np.testing.assert_array_equal(counts, draw_small_tests(right, 10, 4000, 1))
