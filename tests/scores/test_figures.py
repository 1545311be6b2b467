import math

import numpy as np
import pytest

from pipeline.scores.figures import (
    SCORE,
    interval,
    perplexity_figures,
    perplexity_ratio,
    unigram_scores,
)
from pipeline.scores.targets import Targets

# Two articles: a UNKNOWN END, and b END; ids 2 and 3 are words, 4 is UNKNOWN.
TARGETS = Targets(np.array([2, 4, 1, 3, 1]), np.array([True, True, True, True, False]), np.array([0, 3]), 4)


def scored(*chances: float, right: tuple[bool, ...] = (True, True, False, False, True)) -> np.ndarray:
    scores = np.zeros(len(chances), SCORE)
    scores["log_probability"], scores["right"] = np.log(chances), right
    return scores


def test_the_figures_worked_out_by_hand() -> None:
    figures = perplexity_figures(scored(0.5, 0.8, 0.1, 0.25, 0.9), TARGETS)
    assert figures["targets"] == 4
    assert figures["perplexity"] == pytest.approx((0.5 * 0.8 * 0.1 * 0.25) ** -0.25)
    assert figures["accuracy"] == 0.5
    assert figures["known_perplexity"] == pytest.approx((0.5 * 0.25) ** -0.5)
    assert figures["known_accuracy"] == 0.5
    # The interval is of articles drawn anew: of two, a draw has both, or one of them twice.
    assert figures["perplexity_low"] == pytest.approx((0.5 * 0.8 * 0.1) ** (-1 / 3))
    assert figures["perplexity_high"] == pytest.approx(0.25**-1)


def test_the_interval_of_a_mean_has_its_standard_error() -> None:
    random = np.random.default_rng(1)
    sums, counts = random.normal(3, 1, 2000), np.ones(2000)
    assert interval(sums, counts) == pytest.approx(sums.mean() + np.array([-1.96, 1.96]) / 2000**0.5, abs=0.005)


def test_a_difference_is_surer_than_the_two_figures() -> None:
    random = np.random.default_rng(1)
    hard = random.normal(-4, 2, 3000)
    targets = Targets(np.full(3000, 2), np.ones(3000, bool), np.arange(0, 3000, 3), 4)
    one, other = (np.zeros(3000, SCORE) for _ in range(2))
    one["log_probability"], other["log_probability"] = hard, hard - random.normal(0.1, 0.02, 3000)
    found = perplexity_ratio(one, other, targets)
    ratio, low, high = (found[name] for name in ("ratio", "ratio_low", "ratio_high"))
    assert ratio == pytest.approx(math.exp(-0.1), rel=1e-3)
    assert math.exp(-0.11) < low < ratio < high < math.exp(-0.09)
    figures = perplexity_figures(one, targets)
    assert figures["perplexity_high"] / figures["perplexity_low"] > 1.1


def test_the_unigram_worked_out_by_hand() -> None:
    counts = np.array([0, 6, 9, 3, 2])
    scores = unigram_scores(counts, TARGETS)
    assert np.exp(scores["log_probability"]) == pytest.approx(np.array([10, 3, 7, 4, 7]) / 25)
    assert scores["right"].tolist() == [True, False, False, False, False]


def test_a_perplexity_that_is_too_large_is_infinite() -> None:
    scores = scored(0.5, 0.5, 0.5, 0.5, 0.5)
    scores["log_probability"] = -1000
    assert math.isinf(perplexity_figures(scores, TARGETS)["perplexity"])
    assert math.isinf(perplexity_ratio(scores, scored(0.5, 0.5, 0.5, 0.5, 0.5), TARGETS)["ratio"])
