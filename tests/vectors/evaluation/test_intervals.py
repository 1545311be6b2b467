import numpy as np
import pytest

from pipeline.vectors.evaluation.intervals import fisher, wilson


def test_wilsons_interval_by_hand() -> None:
    # 8 of 10, z = 1.96: (0.8 + 1.9208 / 10 ± 1.96 sqrt(0.016 + 0.9604 / 100)) / (1 + 3.8416 / 10)
    middle, half = (0.8 + 0.19207) / 1.38415, 1.95996 * np.sqrt(0.016 + 0.0096036) / 1.38415
    assert wilson(8, 10) == pytest.approx((middle - half, middle + half), abs=1e-4)
    assert wilson(0, 0) == (0, 1)


def test_fishers_interval_by_hand() -> None:
    # arctanh(0.5) = 0.5493; the error is sqrt(1.125 / 100) = 0.1061, and 1.96 of it 0.2079.
    assert fisher(0.5, 103) == pytest.approx((np.tanh(0.3414), np.tanh(0.7572)), abs=1e-3)
    assert fisher(1, 10) == (1, 1)
    assert fisher(0.5, 3) == (-1, 1)
