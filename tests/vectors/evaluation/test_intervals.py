import numpy as np
import pytest
from scipy.stats import spearmanr

from pipeline.vectors.evaluation.intervals import fisher, wilson


def test_wilsons_interval_by_hand() -> None:
    # 8 of 10, z = 1.96: (0.8 + 1.9208 / 10 ± 1.96 sqrt(0.016 + 0.9604 / 100)) / (1 + 3.8416 / 10)
    middle, half = (0.8 + 0.19207) / 1.38415, 1.95996 * np.sqrt(0.016 + 0.0096036) / 1.38415
    assert wilson(8, 10) == pytest.approx((middle - half, middle + half), abs=1e-4)
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_wilsons_interval_at_the_ends() -> None:
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)
    assert wilson(0, 0) == (0, 1)


def test_fishers_interval_by_hand() -> None:
    # arctanh(0.5) = 0.5493; the error is sqrt(1.125 / 100) = 0.1061, and 1.96 of it 0.2079.
    assert fisher(0.5, 103) == pytest.approx((np.tanh(0.3414), np.tanh(0.7572)), abs=1e-3)
    assert fisher(-0.5, 103) == pytest.approx([-end for end in reversed(fisher(0.5, 103))])
    assert fisher(1, 10) == (1, 1)
    assert fisher(0.5, 3) == (-1, 1)


def test_fishers_interval_covers_the_true_correlation_in_95_of_100_samples() -> None:
    random = np.random.default_rng(0)
    true = 6 / np.pi * np.arcsin(0.6 / 2)  # Spearman's, of normal values with Pearson's 0.6
    covered = 0
    for _ in range(400):
        x = random.normal(size=60)
        y = 0.6 * x + 0.8 * random.normal(size=60)
        low, high = fisher(float(spearmanr(x, y).statistic), 60)
        covered += low <= true <= high
    assert 0.92 < covered / 400 < 0.98
