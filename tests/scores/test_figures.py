import math

import numpy as np
import pytest

from pipeline.scores.figures import SCORE, perplexity_figures, perplexity_ratio, unigram_perplexity, with_interval
from pipeline.scores.targets import Targets
from pipeline.scores.wording import relation

# Two articles: a UNKNOWN END, and b END; ids 2 and 3 are words, 4 is UNKNOWN.
TARGETS = Targets(np.array([2, 4, 1, 3, 1]), np.array([True, True, True, True, False]), np.array([0, 3]), 4)


def scored(*chances: float, right: tuple[bool, ...] = (True, True, False, False, True)) -> np.ndarray:
    scores = np.zeros(len(chances), SCORE)
    scores["log_probability"], scores["right"] = np.log(chances), right
    return scores


def test_the_figures_worked_out_by_hand() -> None:
    figures = perplexity_figures(scored(0.5, 0.8, 0.1, 0.25, 0.9), TARGETS)
    assert figures.targets == 4
    assert figures.perplexity == pytest.approx((0.5 * 0.8 * 0.1 * 0.25) ** -0.25)
    assert figures.accuracy == 0.5
    assert figures.known_perplexity == pytest.approx((0.5 * 0.25) ** -0.5)
    assert figures.known_accuracy == 0.5
    assert figures.articles == 2
    assert figures.perplexity_low is None


def test_an_interval_worked_out_by_hand() -> None:
    # Means 3, 3, 3, 3, 1, and an article without a target. Without one of them the mean is 2.5, 2.5, 2.5, 2.5, 3.
    found = with_interval("mean", np.array([3, 3, 3, 3, 1, 0]), np.array([1, 1, 1, 1, 1, 0]))
    margin = 2.571 * (4 * 0.1**2 + 0.4**2) ** 0.5  # Student's t with five degrees of freedom
    expected = {"mean": math.exp(2.6), "mean_low": math.exp(2.6 - margin), "mean_high": math.exp(2.6 + margin)}
    assert found == pytest.approx(expected, rel=1e-3)
    few = with_interval("mean", np.array([3, 3, 3, 1, 0]), np.array([1, 1, 1, 1, 0]))
    assert few == pytest.approx({"mean": math.exp(2.5)})


def test_of_unequal_articles_the_large_ones_leave_few_degrees_of_freedom() -> None:
    counts = np.array([3, 1, 1, 1, 1])
    found = with_interval("mean", np.array([3, 2, 1, 1, 1]), counts)  # 1.143; without each 1.25, 1, 1.167 three times
    margin = 4.33 * (0.1071**2 + 0.1429**2 + 3 * 0.0238**2) ** 0.5  # (9 + 4)² / (81 + 4) = 1.99 degrees of freedom
    assert math.log(found["mean_high"] / found["mean"]) == pytest.approx(margin, rel=1e-2)


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
    assert figures.perplexity_low
    assert figures.perplexity_high
    assert figures.perplexity_high / figures.perplexity_low > 1.1


def test_the_unigram_worked_out_by_hand() -> None:
    counts = np.array([0, 6, 9, 3, 2])
    assert unigram_perplexity(counts, TARGETS) == pytest.approx((10 * 3 * 7 * 4 / 25**4) ** -0.25)


def test_a_perplexity_that_is_too_large_is_infinite() -> None:
    scores = scored(0.5, 0.5, 0.5, 0.5, 0.5)
    scores["log_probability"] = -1000
    assert math.isinf(perplexity_figures(scores, TARGETS).perplexity)
    assert math.isinf(perplexity_ratio(scores, scored(0.5, 0.5, 0.5, 0.5, 0.5), TARGETS)["ratio"])


@pytest.mark.parametrize(("low", "high", "told"), [(1.1, 1.2, "worse"), (0.8, 0.9, "better"), (0.9, 1.1, "level")])
def test_a_model_is_worse_or_better_where_the_interval_excludes_one(low: float, high: float, told: str) -> None:
    assert relation({"ratio_low": low, "ratio_high": high}).startswith(told)
