import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ngrams.models import (
    FALLBACK_DISCOUNTS,
    MOST_IDS,
    MarkovModel,
    add_one,
    count_continuations,
    count_ngrams,
    discounts,
    kneser_ney,
)
from pipeline.store.vocabulary import END, START

A, B, C = 2, 3, 4
V = 5
Row = list[int]
NGram = tuple[int, ...]

rows = st.lists(st.lists(st.integers(A, V - 1), min_size=1, max_size=6), min_size=1, max_size=12)
fractions = st.sampled_from([0.0, 0.01, 0.4, 1.0])
MODELS = [(add_one, 1), (add_one, 2), (add_one, 3), (kneser_ney, 1), (kneser_ney, 2), (kneser_ney, 3)]


def text(rows: list[Row]) -> np.ndarray:
    return np.array([word for row in rows for word in (START, *row, END)], "<u2")


def probability(model: MarkovModel, *words: int) -> float:
    """Of the last of three words."""
    (found,) = model.probabilities(np.array([words[:2]]), np.array(words[2:]))
    return float(found)


def every_probability(model: MarkovModel) -> np.ndarray:
    """(V, V, V): all words behind all pairs of words."""
    words = np.array(list(itertools.product(range(V), repeat=3)))
    return model.probabilities(words[:, :2], words[:, 2]).reshape(V, V, V)


def test_add_one_by_hand() -> None:
    # START a b END, START a b END, START a c END: 3 a, 2 b, 1 c, 3 END of 9; each of the 5 ids once more.
    corpus = text([[A, B], [A, B], [A, C]])
    unigram = add_one(corpus, 1, V, end_fraction=1.0)
    assert [probability(unigram, START, START, word) for word in range(V)] == pytest.approx(
        [1 / 14, 4 / 14, 4 / 14, 3 / 14, 2 / 14]
    )
    # Behind a: 2 b, 1 c. Behind c: END alone. Behind END: nothing.
    bigram = add_one(corpus, 2, V, end_fraction=1.0)
    assert [probability(bigram, START, A, word) for word in range(V)] == pytest.approx(
        [1 / 8, 1 / 8, 1 / 8, 3 / 8, 2 / 8]
    )
    assert probability(bigram, A, C, END) == pytest.approx(2 / 6)
    assert probability(bigram, C, END, A) == pytest.approx(1 / 5)
    # A third of the ENDs: behind b 2/3 END, so 1 + 2/3 of 5 + 2/3.
    bigram = add_one(corpus, 2, V, end_fraction=1 / 3)
    assert probability(bigram, A, B, END) == pytest.approx(5 / 17)
    assert probability(bigram, A, B, A) == pytest.approx(3 / 17)


def test_kneser_ney_by_hand() -> None:
    # START a b END, START a b END, START a c END. No count occurs often enough to estimate discounts:
    # they are 0.5 from 1, 1 from 2, 1.5 from 3 or more.
    corpus = text([[A, B], [A, B], [A, C]])
    trigram = kneser_ney(corpus, 3, V, end_fraction=1.0)
    # Different words before a: START; b: a; c: a; END: b and c. Of these 5, discounts leave
    # 0.5, 0.5, 0.5 and 1, and 2.5 to share among the four words but START: 0.125 each.
    a = b = c = 0.5 / 5 + 0.125
    end = 1 / 5 + 0.125
    # Behind a pair never seen (END b), a word never seen (END): the shorter context's alone.
    assert [probability(trigram, B, END, word) for word in range(V)] == pytest.approx([0, end, a, b, c])
    # Behind a, both b and c follow one word, START: (1 - 0.5) / 2, and 1 / 2 of the unigram.
    b_behind_a = 0.25 + 0.5 * b
    assert probability(trigram, B, A, B) == pytest.approx(b_behind_a)
    # START a b twice of three: (2 - 1) / 3, and (1 + 0.5) / 3 of the bigram.
    b_behind_start_a = 1 / 3 + 0.5 * b_behind_a
    assert probability(trigram, START, A, B) == pytest.approx(b_behind_start_a)
    # Nothing precedes START, so behind it the counts are those of the text: 3 of 3, 1.5 taken off.
    assert probability(trigram, START, START, A) == pytest.approx(1.5 / 3 + 0.5 * a)
    # In a bigram model, behind a, 2 b and 1 c: (2 - 1) / 3, and 1.5 / 3 of the unigram.
    assert probability(kneser_ney(corpus, 2, V, 1.0), B, A, B) == pytest.approx(1 / 3 + 0.5 * b)
    # Were every second END not there to see, those of probability end_behind_start_a / 2 would be missing.
    end_behind_start_a = 0.5 * 0.5 * end
    half = kneser_ney(corpus, 3, V, end_fraction=0.5)
    seen = 1 - end_behind_start_a / 2
    assert probability(half, START, A, B) == pytest.approx(b_behind_start_a / seen)
    assert probability(half, START, A, END) == pytest.approx(end_behind_start_a / 2 / seen)


def test_discounts_by_hand() -> None:
    # 8 ones, 4 twos, 2 threes, 1 four: Y = 8 / (8 + 2 * 4) = 0.5; 1 - 2Y * 4/8, 2 - 3Y * 2/4, 3 - 4Y * 1/2.
    counts = np.repeat([1, 2, 3, 4, 9], [8, 4, 2, 1, 3])
    assert discounts(counts).tolist() == [0, 0.5, 1.25, 2]


@pytest.mark.parametrize("numbers", [[8, 4, 2, 0], [0, 4, 2, 1], [2, 1, 9, 1], []])
def test_discounts_that_cannot_be_estimated_or_would_not_be_positive(numbers: list[int]) -> None:
    counts = np.repeat(np.arange(1, 1 + len(numbers)), numbers)
    assert discounts(counts).tolist() == [0, *FALLBACK_DISCOUNTS]


@given(rows, fractions, st.sampled_from(MODELS))
def test_the_probabilities_behind_every_context_sum_to_one(
    rows: list[Row], fraction: float, model: tuple[Callable[..., MarkovModel], int]
) -> None:
    smoothing, order = model
    every = every_probability(smoothing(text(rows), order, V, fraction))
    assert (every >= 0).all()
    np.testing.assert_allclose(every.sum(axis=2), 1, rtol=0, atol=1e-12)
    # All but START, and END where it is never a target, can follow anything.
    possible = every[:, :, 2 if fraction == 0 else 1 :]
    assert (possible > 0).all()


@given(rows, fractions, st.sampled_from(MODELS))
def test_the_best_word_is_one_of_the_most_probable(
    rows: list[Row], fraction: float, model: tuple[Callable[..., MarkovModel], int]
) -> None:
    smoothing, order = model
    built = smoothing(text(rows), order, V, fraction)
    pairs = np.array(list(itertools.product(range(V), repeat=2)))
    best = built.best(pairs)
    highest = every_probability(built).max(axis=2).ravel()
    np.testing.assert_allclose(built.probabilities(pairs, best), highest, rtol=1e-12)


def windows(rows: list[Row], order: int) -> Counter[NGram]:
    """The n-grams of each row, by walking over it."""
    found: Counter[NGram] = Counter()
    for row in rows:
        words = (START, *row, END)
        for end in range(1, len(words)):
            if end + 1 >= order:
                found[words[end + 1 - order : end + 1]] += 1
    return found


def slow_kneser_ney(rows: list[Row], order: int, size: int) -> Callable[[NGram], float]:
    """Chen and Goodman's recursion, straight from dictionaries: the probability of an n-gram's last word."""
    tables = {order: dict(windows(rows, order))}
    for length in range(order - 1, 0, -1):
        before = defaultdict(set)
        for ngram in tables[length + 1]:
            before[ngram[1:]].add(ngram[0])
        tables[length] = {
            ngram: count if length > 1 and ngram[0] == START else len(before[ngram])
            for ngram, count in windows(rows, length).items()
        }
    taken = {length: discounts(np.array(list(table.values()))) for length, table in tables.items()}

    def smoothed(ngram: NGram) -> float:
        length = len(ngram)
        if length == 0:
            return 1 / (size - 1)
        # Without its first word; the empty n-gram stands for any word.
        shorter = smoothed(ngram[1:])
        counts = [count for other, count in tables[length].items() if other[:-1] == ngram[:-1]]
        if not counts:
            return shorter
        own = tables[length].get(ngram, 0)
        passed_down = sum(taken[length][min(count, 3)] for count in counts)
        return float((own - taken[length][min(own, 3)] + passed_down * shorter) / sum(counts))

    return lambda ngram: 0.0 if ngram[-1] == START else smoothed(ngram[3 - order :])


@given(rows, st.sampled_from([1, 2, 3]))
def test_kneser_ney_is_what_dictionaries_give(rows: list[Row], order: int) -> None:
    every = every_probability(kneser_ney(text(rows), order, V, end_fraction=1.0))
    slow = slow_kneser_ney(rows, order, V)
    for ngram in itertools.product(range(V), repeat=3):
        assert math.isclose(every[ngram], slow(ngram), rel_tol=1e-12)


def test_dictionaries_agree_where_discounts_are_estimated() -> None:
    random = np.random.default_rng(0)
    size = 60
    rows = [(A + random.geometric(0.15, size=random.integers(1, 9)) % (size - A)).tolist() for _ in range(300)]
    model = kneser_ney(text(rows), 3, size, end_fraction=1.0)
    for order in (2, 3):
        assert tuple(discounts(np.array(list(windows(rows, order).values())))[1:]) != FALLBACK_DISCOUNTS
    slow = slow_kneser_ney(rows, 3, size)
    # Trigrams of the text, and others.
    asked = [*windows(rows, 3), *map(tuple, random.integers(0, size, (200, 3)).tolist())]
    found = model.probabilities(np.array(asked)[:, :2], np.array(asked)[:, 2])
    np.testing.assert_allclose(found, [slow(ngram) for ngram in asked], rtol=1e-12)


@given(rows, st.sampled_from([1, 2, 3]))
def test_ngrams_are_counted_within_rows(rows: list[Row], order: int) -> None:
    bits = 3
    keys, counts = count_ngrams(text(rows), order, bits)
    unpacked = [tuple(int(key) >> bits * place & 7 for place in reversed(range(order))) for key in keys]
    assert dict(zip(unpacked, counts.tolist(), strict=True)) == windows(rows, order)
    assert unpacked == sorted(unpacked)


def test_the_largest_ids_fit_three_to_a_key() -> None:
    word = MOST_IDS - 1
    corpus = np.array([START, word, word, END], "<u4")
    bits = (MOST_IDS - 1).bit_length()
    keys, _ = count_ngrams(corpus, 3, bits)
    assert keys.tolist() == [word << bits | word, word << 2 * bits | word << bits | END]


def test_a_text_without_a_trigram() -> None:
    # Rows without words: START END, which is a bigram.
    corpus = text([[], []])
    assert len(count_ngrams(corpus, 3, 3).keys) == 0
    model = kneser_ney(corpus, 3, V, end_fraction=1.0)
    assert every_probability(model).sum(axis=2) == pytest.approx(1)


def test_continuations_keep_the_counts_behind_start() -> None:
    corpus = text([[A, B], [A, B], [B]])
    bigrams = count_continuations(count_ngrams(corpus, 3, 3), count_ngrams(corpus, 2, 3), 2, 3)
    # START a twice, START b once; a b behind START; b END behind a and behind START.
    assert [key.tolist() for key in bigrams] == [[2, 3, 2 << 3 | 3, 3 << 3 | 1], [2, 1, 1, 2]]
