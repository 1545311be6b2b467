"""A model of few n-grams, whose probabilities take 8 bits."""

import numpy as np
import pytest

from pipeline.ngrams.markov import MarkovModel, kneser_ney
from pipeline.ngrams.ngram_counts import SortedText
from pipeline.ngrams.pruned import counted_by_worth, pruned, smoothed
from pipeline.ngrams.rounded import rounded
from pipeline.ngrams.stored import from_arrays, ngram_arrays
from pipeline.ngrams.table import NGramTable
from pipeline.store.vocabulary import END, START
from tests.ngrams.test_table import WORDS, a_text

ORDER = 5
# Words follow one another by a rule that holds two times in three, so that there are long n-grams worth keeping.
DRAWN = np.random.default_rng(0)


def ruled_text(rows: int) -> np.ndarray:
    """Return rows in which a word often follows from the two before it."""
    found = []
    for _ in range(rows):
        row = [2, 3]
        while len(row) < 12:
            row.append(2 + (3 * row[-1] + row[-2]) % 20 if DRAWN.random() < 2 / 3 else int(DRAWN.integers(2, 26)))
        found += [START, *row, END]
    return np.array(found, np.uint16)


def in_articles(text: np.ndarray, rows: int) -> np.ndarray:
    """Return the article of each place; each has so many rows."""
    return ((np.cumsum(text == START) - 1) // rows).astype(np.uint32)


@pytest.mark.parametrize("end_fraction", [1.0, 0.3])
@pytest.mark.parametrize("most", [40, 400])
def test_few_ngrams_are_kept_and_every_context_sums_to_one(most: int, end_fraction: float) -> None:
    text = ruled_text(300)
    ordered = SortedText(text, ORDER, WORDS)
    model = pruned(ordered, counted_by_worth(ordered, in_articles(text, 5), ORDER), most, end_fraction)
    assert most / 2 < model.ngrams - WORDS <= most
    table = NGramTable(rounded(model.levels, model.bits), model.bits, end_fraction)
    stored = from_arrays(ngram_arrays(table, rounded=True), WORDS, ORDER, rounded=True)
    chances, contexts = table.read(text)
    every = stored.distributions(contexts)
    np.testing.assert_allclose(every.sum(1), 1, atol=1e-5)
    words = text != START
    np.testing.assert_allclose(every[np.arange(len(text)), text][words], chances[words], rtol=1e-5)
    exact, _ = model.read(text)
    assert np.abs(np.log2(chances[words] / exact[words])).mean() < 0.04


def test_without_dropping_any_it_is_kneser_and_neys() -> None:
    text = a_text(400, 0)
    ordered = SortedText(text, ORDER, WORDS)
    counted = counted_by_worth(ordered, in_articles(text, 5), ORDER)
    lengths = smoothed(ordered, counted, [np.ones(len(each.counts), bool) for each in counted])
    uniform = np.where(np.arange(WORDS) == START, 0, 1 / (WORDS - 1))
    found, expected = MarkovModel(lengths, uniform, ordered.bits), kneser_ney(ordered, ORDER)
    for own, other in zip(found.levels, expected.levels, strict=True):
        assert (own.keys == other.keys).all()
        np.testing.assert_allclose(own.probabilities, other.probabilities, rtol=1e-5)
        np.testing.assert_allclose(own.weights, other.weights, rtol=1e-5)


def test_what_is_worth_most_is_kept_and_beats_what_is_frequent() -> None:
    text, new = ruled_text(2000), ruled_text(200)
    ordered = SortedText(text, ORDER, WORDS)
    counted = counted_by_worth(ordered, in_articles(text, 5), ORDER)
    by_count = [each._replace(worth=np.where(np.isinf(each.worth), np.inf, each.counts)) for each in counted]
    for most in 30, 100, 300, 1_000, 3_000:
        found, other = (pruned(ordered, each, most).read(new)[0][new != START] for each in (counted, by_count))
        assert np.log(found).mean() > np.log(other).mean()


def test_an_ngram_of_a_single_article_is_worth_nothing() -> None:
    text = np.array([START, *[2, 3] * 20, END, START, 4, 5, END, START, 4, 5, END], np.uint16)
    ordered = SortedText(text, 2, WORDS)
    ngrams, _, worth = counted_by_worth(ordered, np.cumsum(text == START, dtype=np.uint32) - np.uint32(1), 2)[1]
    kept = {(int(ngrams.contexts[n]), int(ngrams.words[n])) for n in np.flatnonzero(worth > 0)}
    assert (2, 3) not in kept
    assert (4, 5) in kept


def test_a_stored_ngram_without_its_shorter_one_is_refused() -> None:
    text = ruled_text(300)
    ordered = SortedText(text, 3, WORDS)
    model = pruned(ordered, counted_by_worth(ordered, in_articles(text, 5), 3), 300)
    arrays = ngram_arrays(NGramTable(rounded(model.levels, model.bits), model.bits), rounded=True)
    words = arrays["2.words"].copy()
    words[np.flatnonzero(np.diff(words.astype(int)) > 1)[0]] += 1
    with pytest.raises(ValueError, match=r"lacks the shorter one|not in order"):
        from_arrays(arrays | {"2.words": words}, WORDS, 3, rounded=True)
    with pytest.raises(ValueError, match="sum to more than 1"):
        from_arrays(arrays | {"2.probabilities": np.zeros_like(arrays["2.probabilities"])}, WORDS, 3, rounded=True)
