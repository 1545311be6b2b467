"""How well poets are told apart."""

from typing import Any

import numpy as np


def confusion(labels: np.ndarray, predicted: np.ndarray, poets: int) -> np.ndarray:
    """(poets, poets): how many lines of a row's poet were taken for a column's."""
    return np.bincount(labels * poets + predicted, minlength=poets**2).reshape(poets, poets)


def accuracy(confusions: np.ndarray) -> np.ndarray:
    """The share of lines whose poet was told, for each of (folds, poets, poets)."""
    right: np.ndarray = np.trace(confusions, axis1=1, axis2=2) / confusions.sum(axis=(1, 2))
    return right


def balanced_accuracy(confusions: np.ndarray) -> np.ndarray:
    """The mean over the poets of the share of each one's lines; guessing reaches 1 / poets.

    A poet who has no line in a fold is left out there.
    """
    lines = confusions.sum(axis=2)
    shares = np.divide(
        np.diagonal(confusions, axis1=1, axis2=2), lines, where=lines > 0, out=np.full(lines.shape, np.nan)
    )
    balanced: np.ndarray = np.nanmean(shares, axis=1)
    return balanced


def summary(confusions: np.ndarray) -> dict[str, Any]:
    """Mean and standard deviation over folds, of their (folds, poets, poets) confusions, and the sum of these."""
    scores = {"accuracy": accuracy(confusions), "balanced_accuracy": balanced_accuracy(confusions)}
    means = {name: float(values.mean()) for name, values in scores.items()}
    deviations = {f"{name}_deviation": float(values.std()) for name, values in scores.items()}
    return {**means, **deviations, "confusion": confusions.sum(axis=0).tolist()}


def difference(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """How much more of the same folds' lines one classifier told than another, from their confusions."""
    more = accuracy(one) - accuracy(other)
    return {"mean": float(more.mean()), "deviation": float(more.std()), "at_or_above": float((more >= 0).mean())}


def small_tests(right: np.ndarray, lines: int, number: int, seed: int) -> np.ndarray:
    """What tests of so many `lines` say: how many were right in each of a `number` of draws, from `right` (n,) bool."""
    random = np.random.default_rng(seed)
    return np.array([random.choice(right, lines, replace=False).sum() for _ in range(number)])
