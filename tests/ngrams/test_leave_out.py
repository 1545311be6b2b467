"""Training text is scored as by a model that was counted without its article."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ngrams import leave_out, markov
from pipeline.ngrams.leave_out import chances_without_own_article
from pipeline.ngrams.markov import discounts, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.store.vocabulary import END, START

WORDS = 12  # ids, some of which no text has
ROWS = st.lists(st.lists(st.sampled_from([2, 3, 4, 7, 9]), max_size=7), min_size=1, max_size=8)


def text_of(articles: list[list[list[int]]]) -> np.ndarray:
    return np.array([id for rows in articles for row in rows for id in (START, *row, END)], np.uint16)


@given(st.lists(ROWS, min_size=2, max_size=5), st.sampled_from([1, 2, 3, 5]), st.sampled_from([1.0, 0.3, 0.0]))
def test_each_article_has_the_chances_of_a_model_that_never_saw_it(
    articles: list[list[list[int]]], order: int, end_fraction: float
) -> None:
    """At all orders, for START and END too; the discounts alone are those of the whole text."""
    text = text_of(articles)
    owners = np.repeat(np.arange(len(articles), dtype=np.uint32), [len(text_of([rows])) for rows in articles])
    ordered = SortedText(text, order, WORDS)
    found = chances_without_own_article(ordered, owners, order, end_fraction)
    off = [discounts(counts) for _, counts in ordered.counted(order)]
    for left_out in range(len(articles)):
        others = SortedText(text_of(articles[:left_out] + articles[left_out + 1 :]), order, WORDS)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(markov, "discounts", Repeated(off))
            model = kneser_ney(others, order, end_fraction)
        own = text[owners == left_out]
        expected, _ = model.predict(own)
        np.testing.assert_allclose(found[owners == left_out][own != START], expected[own != START], atol=1e-6)


class Repeated:
    """The discounts of each length in turn."""

    def __init__(self, off: list[np.ndarray]) -> None:
        self.each: Iterator[np.ndarray] = itertools.cycle(off)

    def __call__(self, counts: np.ndarray) -> np.ndarray:
        return next(self.each)


def test_a_model_that_saw_the_article_expects_it_more() -> None:
    """What would be wrong without it: the gate would learn to trust n-grams that know the text by heart."""
    random = np.random.default_rng(0)
    articles = [[random.integers(2, WORDS, 6).tolist() for _ in range(5)] for _ in range(8)]
    text = text_of(articles)
    owners = np.repeat(np.arange(8, dtype=np.uint32), len(text) // 8)
    ordered = SortedText(text, 5, WORDS)
    seen, _ = kneser_ney(ordered, 5).predict(text)
    unseen = leave_out.chances_without_own_article(ordered, owners, 5, 1.0)
    words = text != START
    assert np.log(seen[words]).mean() > np.log(unseen[words]).mean() + 0.5
