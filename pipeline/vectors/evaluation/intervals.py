"""95% intervals of an accuracy and of a rank correlation: their low and high ends."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from pipeline.vectors.questions import Question

LEVEL = 0.95
TAILS = (1 - LEVEL) / 2, (1 + LEVEL) / 2
DRAWS = 1000
TINY = 1e-12  # a variance, for figures that are all right or all wrong
FEWEST_PAIRS = 10  # of words that make an interval, in sections of three or more


def pair_intervals(questions: Sequence[Question], values: np.ndarray) -> list[tuple[float, float] | tuple[None, None]]:
    """Return the interval of the mean of each figure's `values` (figures, questions); None with too few word pairs.

    Questions share word pairs, so the pairs of a section are drawn anew, not the questions: each pair gets an
    exponential weight (Rubin, "The Bayesian Bootstrap", 1981), and a question the product of its two pairs' weights
    (Owen, "The Pigeonhole Bootstrap", 2007). A pair has the same weight in all sections. The spread of a section's
    draws is stretched by sqrt((n + 1) / (n - 1)) for its n pairs, the spread of all by Student's t with Satterthwaite's
    degrees of freedom, so that the interval covers. For two models, take the differences as values: they are paired.
    """
    random = np.random.default_rng(0)
    firsts = dict.fromkeys(word for question in questions for word in question.firsts)
    weights = {word: random.exponential(size=DRAWS) for word in firsts}
    sections: dict[str, list[int]] = {}
    for place, question in enumerate(questions):
        sections.setdefault(question.section, []).append(place)
    spread, variance, by_freedom, pairs = np.zeros((len(values), DRAWS)), 0.0, 0.0, 0
    for places in sections.values():
        n = len({word for place in places for word in questions[place].firsts})
        if n > 2:
            own = values[:, places]
            each = np.stack([np.prod([weights[word] for word in questions[place].firsts], axis=0) for place in places])
            drawn = own @ each / each.sum(axis=0) - own.mean(axis=1, keepdims=True)
            drawn *= ((n + 1) / (n - 1)) ** 0.5 * len(places) / len(questions)
            spread, pairs, of_section = spread + drawn, pairs + n, drawn.var(axis=1)
            variance, by_freedom = variance + of_section, by_freedom + of_section**2 / (n - 1)
    if pairs < FEWEST_PAIRS:
        return [(None, None)] * len(values)
    freedom = np.maximum(variance, TINY) ** 2 / np.maximum(by_freedom, TINY**2)
    stretch = student.ppf(TAILS[1], freedom) / norm.ppf(TAILS[1])
    ends = values.mean(axis=1) + stretch * np.quantile(spread, TAILS, axis=1)
    ends = ends.clip(values.min(axis=1), values.max(axis=1))  # where a mean can lie
    return [(low, high) for low, high in ends.T.tolist()]


def fisher(correlation: float, pairs: int) -> tuple[float, float]:
    """Return the interval of Spearman's correlation of so many `pairs`; -1 to 1 for fewer than four.

    Fisher's z = arctanh(correlation) has about a normal distribution, here with the standard error of Bonett and
    Wright (2000), sqrt((1 + correlation^2 / 2) / (pairs - 3)).
    """
    if pairs < 4:
        return -1.0, 1.0
    error = np.sqrt((1 + correlation**2 / 2) / (pairs - 3))
    with np.errstate(divide="ignore"):  # arctanh(1) is infinite
        ends = np.tanh(np.arctanh(correlation) + norm.ppf(TAILS) * error)
    low, high = ends.tolist()
    return low, high
