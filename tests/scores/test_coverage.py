"""Coverage of the 95% intervals: the share of drawn test splits whose interval contains the mean of all articles.

`python -m pytest -s tests/scores/test_coverage.py` prints it.
"""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.scores.figures import with_interval

DRAWS, MANY, LEAST, LIMIT = 4000, 1_000_000, 0.93, "equal lengths, skewed losses"
Articles = tuple[np.ndarray, np.ndarray]  # the losses and the targets of each
Population = Callable[[np.random.Generator, int], Articles]

# The sample's held-out articles: targets, and the cross-entropy of its GRU and of its trigram model in nats.
TARGETS = [4867, 513, 1391, 11867, 10089, 5266, 728, 1802, 5487, 11512]
TARGETS += [650, 3787, 3615, 299, 1047, 3074, 4083, 3174, 7147, 1454]
GRU = [19500, 1771, 5198, 46705, 43230, 22804, 2863, 7188, 22363, 46961]
GRU += [2756, 14582, 14898, 1254, 4160, 12404, 16685, 11847, 30537, 5611]
TRIGRAM = [21052, 1925, 5525, 51119, 45919, 24355, 3164, 7571, 24327, 51291]
TRIGRAM += [2991, 15881, 16874, 1347, 4397, 13461, 17594, 13076, 32069, 6216]


def of_the_sample(losses: np.ndarray) -> Population:
    """Articles of the sample, drawn with replacement."""

    def draw(random: np.random.Generator, number: int) -> Articles:
        chosen = random.integers(len(losses), size=number)
        return losses[chosen], np.array(TARGETS)[chosen]

    return draw


def like(spread: float, mean_loss: Callable[[np.random.Generator, np.ndarray, np.ndarray], np.ndarray]) -> Population:
    """Articles with lognormal lengths, and mean losses that may depend on the length (standardized, and in words)."""

    def draw(random: np.random.Generator, number: int) -> Articles:
        length = random.normal(size=number)
        words = np.exp(7 + spread * length)
        return words * mean_loss(random, length, words), words

    return draw


POPULATIONS = {
    "the sample's GRU": of_the_sample(np.array(GRU)),
    "the sample's GRU and trigram, paired": of_the_sample(np.array(GRU) - np.array(TRIGRAM)),
    "equal lengths": like(0.0, lambda random, length, words: random.normal(4, 0.3, len(words))),
    LIMIT: like(0.0, lambda random, length, words: random.exponential(0.3, len(words))),
    "unequal lengths": like(1.0, lambda random, length, words: random.normal(4, 0.3, len(words))),
    "a few articles have most words": like(1.5, lambda random, length, words: random.normal(4, 0.3, len(words))),
    "heavy tails": like(1.0, lambda random, length, words: 4 + random.standard_t(3, len(words)) / 5),
    "skewed losses": like(1.0, lambda random, length, words: random.exponential(0.3, len(words))),
    "short articles vary more": like(1.0, lambda random, length, words: random.normal(4, (0.02 + 9 / words) ** 0.5)),
    "long articles are harder": like(1.0, lambda random, length, words: random.normal(4 + length / 10, 0.3)),
    "long articles are easier": like(1.0, lambda random, length, words: random.normal(4 - length / 10, 0.3)),
}


@pytest.mark.parametrize("articles", [10, 30])
@pytest.mark.parametrize("name", POPULATIONS)
def test_intervals_contain_the_true_perplexity_in_93_of_100_test_splits(name: str, articles: int) -> None:
    draw, random = POPULATIONS[name], np.random.default_rng(1)
    losses, words = draw(random, MANY)
    true, covered = np.exp(losses.sum() / words.sum()), 0
    for _ in range(DRAWS):
        found = with_interval("perplexity", *draw(random, articles))
        covered += found["perplexity_low"] <= true <= found["perplexity_high"]
    print(f"{name}, {articles} articles: {covered / DRAWS:.1%}")
    assert covered / DRAWS >= (0.89 if name == LIMIT else LEAST)
