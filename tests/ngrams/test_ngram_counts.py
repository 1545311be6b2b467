import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ngrams.markov import kneser_ney
from pipeline.ngrams.ngram_counts import SortedText, text_of
from pipeline.store.vocabulary import END, START

A, B, C = 2, 3, 4
Row = list[int]
NGram = tuple[int, ...]

rows = st.lists(st.lists(st.integers(A, 9), max_size=6), max_size=12)


def text(rows: list[Row], dtype: str = "<u2") -> np.ndarray:
    return np.array([word for row in rows for word in (START, *row, END)], dtype)


def sorted_text(rows: list[Row], longest: int, size: int) -> SortedText:
    return SortedText(text(rows), longest, size)


def windows(rows: list[Row], order: int) -> Counter[NGram]:
    """The n-grams of each row, by walking over it; START is no unigram."""
    found: Counter[NGram] = Counter()
    for row in rows:
        words = (START, *row, END)
        for end in range(1, len(words)):
            if end + 1 >= order:
                found[words[end + 1 - order : end + 1]] += 1
    return found


@given(rows, st.integers(1, 6), st.integers(0, 2))
def test_ngrams_are_counted_within_rows(rows: list[Row], order: int, longer: int) -> None:
    """The longest by how often they occur, shorter ones by the words before them, except after START."""
    names: list[NGram] = [()]
    counted = sorted_text(rows, order + longer, 10).counted(order)
    for length, (ngrams, counts) in enumerate(counted, 1):
        names = [(*names[context], int(word)) for context, word in zip(ngrams.contexts, ngrams.words, strict=True)]
        assert names == sorted(names)
        expected = windows(rows, length)
        if length < order:
            before = Counter(ngram[1:] for ngram in windows(rows, length + 1))
            for ngram, count in expected.items():
                expected[ngram] = count if length > 1 and ngram[0] == START else before[ngram]
        assert {name: n for name, n in zip(names, counts.tolist(), strict=True) if n} == expected


@pytest.mark.parametrize("size", [2**11 + 1, 2**16 + 1, 2**22])
def test_ngrams_of_a_large_vocabulary_need_not_fit_64_bits(size: int) -> None:
    word = size - 1
    *_, (ngrams, counts) = SortedText(text([[word] * 7, [A] * 4], "<u4"), 5, size).counted(5)
    # START a a a a, START and four of the word, a a a a END, four of the word and END, five of the word.
    assert counts.tolist() == [1, 1, 1, 1, 3]
    assert ngrams.words.tolist() == [A, word, END, END, word]


def test_memory_is_bounded_where_no_ngram_occurs_twice() -> None:
    """The worst case: real text takes about half of it; see `baselines.most_words`."""
    random = np.random.default_rng(0)
    words = 400_000
    laid = text_of(random.integers(A, 10_000, words).astype("<u2"), np.full(words // 20, 20))
    tracemalloc.start()
    kneser_ney(SortedText(laid, 5, 10_000), 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / words < 150
