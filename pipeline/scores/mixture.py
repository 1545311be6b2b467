"""Interpolation of models: their probabilities at each place, averaged with one weight per model."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.scores.figures import SCORE
from pipeline.scores.targets import Targets

PLACES_AT_ONCE = 1 << 18  # places
CLOSE = 1e-6  # the change of a weight below which the search ends
MOST_STEPS = 1000


def mixture_weights(components: Sequence[np.ndarray], targets: Targets) -> np.ndarray:
    """Return the weights, float64 (components,), that make the `targets` most probable; they sum to 1.

    Each component is a model's scores (places,) of dtype `SCORE`. The weights are found by expectation maximization
    (Jelinek and Mercer 1980), which finds the optimum, because the log-likelihood is concave. Memory: four bytes for
    each target and component.
    """
    chances = np.empty((len(components), int(targets.counted.sum())), np.float32)
    for row, scores in zip(chances, components, strict=True):
        row[:] = scores["log_probability"][targets.counted]
    chances -= chances.max(axis=0)  # only their ratios matter, and their exponentials would underflow
    np.exp(chances, out=chances)
    weights = np.full(len(components), 1 / len(components))
    for _ in range(MOST_STEPS):
        before, weights = weights, np.zeros(len(weights))
        for some in _blocks(chances.shape[1]):
            block = chances[:, some].astype(np.float64)
            weights += before * (block @ (1 / (before @ block)))
        weights /= chances.shape[1]
        if np.abs(weights - before).max() < CLOSE:
            break
    return weights


def mix(components: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Return the scores of a mixture, (places,) of dtype `SCORE`; the word that it ranks first is not known."""
    scores = np.zeros(len(components[0]), SCORE)
    with np.errstate(invalid="ignore"):  # nan where there is no target
        for some in _blocks(len(scores)):
            logs = [own["log_probability"][some] + math.log(w) for own, w in zip(components, weights, strict=True) if w]
            scores["log_probability"][some] = np.logaddexp.reduce(logs, dtype=np.float64)
    return scores


def _blocks(places: int) -> Iterator[slice]:
    for start in range(0, places, PLACES_AT_ONCE):
        yield slice(start, start + PLACES_AT_ONCE)
