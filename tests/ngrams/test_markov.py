import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ngrams.markov import FALLBACK_DISCOUNTS, MarkovModel, add_one, discounts, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.store.vocabulary import END, START
from tests.ngrams.test_ngram_counts import NGram, Row, sorted_text, windows

A, B, C = 2, 3, 4
V = 5
ROUNDING = 1e-5  # relative: models keep float32

rows = st.lists(st.lists(st.integers(A, V - 1), min_size=1, max_size=6), min_size=1, max_size=12)
fractions = st.sampled_from([0.0, 0.01, 0.4, 1.0])
Model = tuple[Callable[[SortedText, int, float], MarkovModel], int]
MODELS: list[Model] = [(add_one, 1), (add_one, 2), (add_one, 3), *((kneser_ney, order) for order in range(1, 6))]


def built(model: Model, rows: list[Row], fraction: float = 1.0, size: int = V) -> MarkovModel:
    smoothing, order = model
    return smoothing(sorted_text(rows, order, size), order, fraction)


def after(model: MarkovModel, ngrams: Sequence[NGram]) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each n-gram's last word after the others, and the most probable word there.

    The n-grams are as long as the model's or longer, so it does not see from one into the next.
    """
    text = np.array(ngrams)
    found, best = model.predict(text.ravel())
    return found.reshape(text.shape)[:, -1], best.reshape(text.shape)[:, -1]


def probability(model: MarkovModel, *ngram: int) -> float:
    """Of the last of several words."""
    return float(after(model, [ngram])[0][0])


def every_ngram(order: int) -> list[NGram]:
    return list(itertools.product(range(V), repeat=order))


def test_add_one_by_hand() -> None:
    # START a b END, START a b END, START a c END: 3 a, 2 b, 1 c, 3 END of 9; each of the 5 ids once more.
    rows = [[A, B], [A, B], [A, C]]
    unigram = built((add_one, 1), rows)
    assert [probability(unigram, word) for word in range(V)] == pytest.approx(
        [1 / 14, 4 / 14, 4 / 14, 3 / 14, 2 / 14], ROUNDING
    )
    # Behind a: 2 b, 1 c. Behind c: END alone. Behind END: nothing.
    bigram = built((add_one, 2), rows)
    assert [probability(bigram, A, word) for word in range(V)] == pytest.approx(
        [1 / 8, 1 / 8, 1 / 8, 3 / 8, 2 / 8], ROUNDING
    )
    assert probability(bigram, C, END) == pytest.approx(2 / 6, ROUNDING)
    assert probability(bigram, END, A) == pytest.approx(1 / 5, ROUNDING)
    # A third of the ENDs: behind b 2/3 END, so 1 + 2/3 of 5 + 2/3.
    bigram = built((add_one, 2), rows, 1 / 3)
    assert probability(bigram, B, END) == pytest.approx(5 / 17, ROUNDING)
    assert probability(bigram, B, A) == pytest.approx(3 / 17, ROUNDING)


# 8 ones, 4 twos, 2 threes, 1 four: Y = 8 / (8 + 2 * 4) = 0.5; 1 - 2Y * 4/8, 2 - 3Y * 2/4, 3 - 4Y * 1/2.
# The others cannot be estimated, or would not be positive.
@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([8, 4, 2, 1, 3], (0.5, 1.25, 2)), *((n, FALLBACK_DISCOUNTS) for n in ([8, 4, 2, 0], [0, 4, 2, 1], [2, 1, 9, 1]))],
)
def test_discounts_by_hand(numbers: list[int], expected: Sequence[float]) -> None:
    assert discounts(np.repeat(np.arange(1, 1 + len(numbers)), numbers)).tolist() == [0, *expected]


@given(rows, fractions, st.sampled_from(MODELS))
def test_the_probabilities_behind_every_context_sum_to_one_and_the_best_word_has_the_highest(
    rows: list[Row], fraction: float, model: Model
) -> None:
    every, best = (found.reshape(-1, V) for found in after(built(model, rows, fraction), every_ngram(model[1])))
    assert (every >= 0).all()
    np.testing.assert_allclose(every.sum(axis=1), 1, rtol=0, atol=ROUNDING)
    # All but START, and END where it is never a target, can follow anything.
    assert (every[:, 2 if fraction == 0 else 1 :] > 0).all()
    assert (best == best[:, :1]).all()  # whatever word stands in its place
    np.testing.assert_allclose(np.take_along_axis(every, best, axis=1)[:, 0], every.max(axis=1), rtol=ROUNDING)


def slow_kneser_ney(rows: list[Row], order: int, size: int, fraction: float = 1.0) -> Callable[[NGram], float]:
    """Chen and Goodman's recursion, straight from dictionaries: the probability of an n-gram's last word.

    END is seen in that fraction of its places.
    """
    tables = {order: dict(windows(rows, order))}
    for length in range(order - 1, 0, -1):
        before = defaultdict(set)
        for ngram in windows(rows, length + 1):
            before[ngram[1:]].add(ngram[0])
        tables[length] = {
            ngram: count if length > 1 and ngram[0] == START else len(before[ngram])
            for ngram, count in windows(rows, length).items()
        }
    taken = {length: discounts(np.array(list(table.values()))) for length, table in tables.items()}
    after_context = defaultdict(list)
    for table in tables.values():
        for ngram, count in table.items():
            after_context[ngram[:-1]].append(count)

    def smoothed(ngram: NGram) -> float:
        length = len(ngram)
        if length == 0:
            return 1 / (size - 1)
        # Without its first word; the empty n-gram stands for any word.
        shorter = smoothed(ngram[1:])
        counts = after_context[ngram[:-1]]
        if not counts:
            return shorter
        own = tables[length].get(ngram, 0)
        passed_down = sum(taken[length][min(count, 3)] for count in counts)
        return float((own - taken[length][min(own, 3)] + passed_down * shorter) / sum(counts))

    def seen(ngram: NGram) -> float:
        unseen_end = (1 - fraction) * smoothed((*ngram[:-1], END))
        return smoothed(ngram) * {START: 0.0, END: fraction}.get(ngram[-1], 1.0) / (1 - unseen_end)

    return lambda ngram: seen(ngram[-order:])


@given(rows, fractions, st.integers(1, 5))
def test_kneser_ney_is_what_dictionaries_give(rows: list[Row], fraction: float, order: int) -> None:
    ngrams = every_ngram(order) if order < 5 else [*windows(rows, order), *every_ngram(order)[::7]]
    slow = slow_kneser_ney(rows, order, V, fraction)
    found, _ = after(built((kneser_ney, order), rows, fraction), ngrams)
    np.testing.assert_allclose(found, [slow(ngram) for ngram in ngrams], rtol=ROUNDING)


# They repeat enough to estimate discounts of every length.
RANDOM = np.random.default_rng(0)
MANY: list[Row] = [(A + RANDOM.geometric(0.3, size=RANDOM.integers(1, 12)) % 28).tolist() for _ in range(600)]


@pytest.mark.parametrize("order", [2, 3, 5])
def test_dictionaries_agree_where_discounts_are_estimated(order: int) -> None:
    for length in range(2, order + 1):
        assert tuple(discounts(np.array(list(windows(MANY, length).values())))[1:]) != FALLBACK_DISCOUNTS
    slow, own = slow_kneser_ney(MANY, order, 30), list(windows(MANY, order))
    asked = [*own, *((*ngram[:-1], place % 30) for place, ngram in enumerate(own))]
    asked += map(tuple, np.random.default_rng(1).integers(0, 30, (200, order)).tolist())
    found, _ = after(built((kneser_ney, order), MANY, size=30), asked)
    np.testing.assert_allclose(found, [slow(ngram) for ngram in asked], rtol=ROUNDING)


@pytest.mark.parametrize("model", MODELS)
def test_without_a_text_all_words_are_as_probable(model: Model) -> None:
    found, _ = after(built(model, [[], []]), every_ngram(model[1]))  # START END is a bigram, and there is no trigram
    assert found.reshape(-1, V).sum(axis=1) == pytest.approx(1)
    found, _ = after(built(model, []), every_ngram(model[1]))
    assert found.reshape(-1, V)[:, 1:] == pytest.approx(0.25 if model[0] is kneser_ney else 0.2)


def test_building_in_blocks_is_building_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    models = []
    for at_once in (7, 1 << 18):
        monkeypatch.setattr("pipeline.ngrams.ngram_counts.NGRAMS_AT_ONCE", at_once)
        models.append(built((kneser_ney, 4), MANY, size=30))
    for one, other in zip(models[0].levels, models[1].levels, strict=True):
        for own, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(own, same)
