"""95% intervals of an accuracy and of a rank correlation: their low and high ends."""

import numpy as np
from scipy.stats import binomtest, norm

LEVEL = 0.95


def wilson(right: int, asked: int) -> tuple[float, float]:
    """Return Wilson's (1927) interval of an accuracy; 0 to 1 if nothing was asked.

    It assumes independent questions. Analogy questions share words, so their interval is too narrow.
    """
    if not asked:
        return 0.0, 1.0
    found = binomtest(right, asked).proportion_ci(LEVEL, "wilson")
    return float(found.low), float(found.high)


def fisher(correlation: float, pairs: int) -> tuple[float, float]:
    """Return the interval of Spearman's correlation of so many `pairs`; -1 to 1 for fewer than four.

    Fisher's z = arctanh(correlation) has about a normal distribution, here with the standard error of Bonett and
    Wright (2000), sqrt((1 + correlation^2 / 2) / (pairs - 3)).
    """
    if pairs < 4:
        return -1.0, 1.0
    error = np.sqrt((1 + correlation**2 / 2) / (pairs - 3))
    with np.errstate(divide="ignore"):  # arctanh(1) is infinite
        ends = np.tanh(np.arctanh(correlation) + norm.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2]) * error)
    low, high = ends.tolist()
    return low, high
