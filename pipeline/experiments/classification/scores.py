"""The accuracy of classifiers, from confusion matrices."""

from typing import Any

import numpy as np


def confusion(labels: np.ndarray, predicted: np.ndarray, poets: int) -> np.ndarray:
    """Return the confusion matrix (poets, poets): the lines of each row's poet, by the predicted poet."""
    return np.bincount(labels * poets + predicted, minlength=poets**2).reshape(poets, poets)


def accuracy(confusions: np.ndarray) -> np.ndarray:
    """Return the accuracy of each confusion matrix of (folds, poets, poets)."""
    right: np.ndarray = np.trace(confusions, axis1=1, axis2=2) / confusions.sum(axis=(1, 2))
    return right


def balanced_accuracy(confusions: np.ndarray) -> np.ndarray:
    """Return the accuracy averaged over the poets; guessing reaches 1 / poets.

    A fold leaves out a poet who has no line in it.
    """
    lines = confusions.sum(axis=2)
    shares = np.divide(
        np.diagonal(confusions, axis1=1, axis2=2), lines, where=lines > 0, out=np.full(lines.shape, np.nan)
    )
    balanced: np.ndarray = np.nanmean(shares, axis=1)
    return balanced


def summarize(confusions: np.ndarray) -> dict[str, Any]:
    """Return mean and standard deviation of both accuracies over (folds, poets, poets), and the summed confusions."""
    scores = {"accuracy": accuracy(confusions), "balanced_accuracy": balanced_accuracy(confusions)}
    means = {name: float(values.mean()) for name, values in scores.items()}
    deviations = {f"{name}_deviation": float(values.std()) for name, values in scores.items()}
    return {**means, **deviations, "confusion": confusions.sum(axis=0).tolist()}


def compare(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Return how much one classifier's accuracy exceeds another's on the same folds, from their confusions."""
    more = accuracy(one) - accuracy(other)
    return {"mean": float(more.mean()), "deviation": float(more.std()), "at_or_above": float((more >= 0).mean())}


def draw_small_tests(right: np.ndarray, lines: int, number: int, seed: int) -> np.ndarray:
    """Draw `number` samples of so many `lines` from `right` (n,) bool; return how many are right in each."""
    random = np.random.default_rng(seed)
    return np.array([random.choice(right, lines, replace=False).sum() for _ in range(number)])
