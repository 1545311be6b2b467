"""The Markov models that a recurrent model must beat: those of the book's chapter 1, and Kneser-Ney of any order.

    p(w | context) = share(context, w) + weight(context) p(w | context without its first word)

Add-one smoothing and interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998, "An Empirical Study of
Smoothing Techniques for Language Modeling") differ only in shares and weights. The shortest context passes
its weight to a uniform distribution, so the probabilities of all words sum to 1 after every context.

A model keeps p of each n-gram that occurs and the weight of each context, as ARPA files do, in float32, as KenLM does:
12 bytes for each distinct n-gram of its order, and 18 for each shorter one. Building a model of 5-grams of 13 million
words of English took 75 bytes a word at its peak and left 41; trigrams took 32.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from pipeline.ngrams.ngram_counts import NGrams, SortedText
from pipeline.ngrams.table import Level, NGramTable
from pipeline.store.vocabulary import END, START

# For n-grams seen once, twice and more often, if their counts give no estimate (KenLM uses the same).
FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)


def discounts(counts: np.ndarray) -> np.ndarray:
    """Return the discounts of modified Kneser-Ney for counts of 0, 1, 2, and 3 or more, estimated from all `counts`."""
    n1, n2, n3, n4 = (int(np.count_nonzero(counts == count)) for count in (1, 2, 3, 4))
    if n1 and n2 and n3 and n4:
        y = n1 / (n1 + 2 * n2)
        estimated = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        if min(estimated) > 0:
            return np.array([0, *estimated])
    return np.array([0, *FALLBACK_DISCOUNTS])


class Smoothed(NamedTuple):
    """N-grams of one length, and how they are smoothed.

    `off` is the discount of a count of 0, 1, 2, and 3 or more. Discounts, and `added` for each context, or all, are the
    weight of the shorter context.
    """

    ngrams: NGrams
    counts: np.ndarray
    off: np.ndarray
    added: float | np.ndarray

    def interpolate(self, some: slice, starts: np.ndarray, shorter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities of the last words of `some` n-grams, and the weights of their contexts.

        The n-grams of each context begin at `starts`; `shorter` has the probabilities without their first words.
        """
        counts = self.counts[some]
        taken = self.off[np.minimum(counts, 3).astype(np.intp)]
        added = self.added[self.ngrams.contexts[some][starts]] if isinstance(self.added, np.ndarray) else self.added
        totals = np.add.reduceat(counts, starts, dtype=np.float64) + added
        passed = np.add.reduceat(taken, starts) + added
        empty = totals == 0  # without words the shorter context has all weight
        totals, weights = totals + empty, (passed + empty) / (totals + empty)
        sizes = np.diff(starts, append=len(counts))
        return (counts - taken) / np.repeat(totals, sizes) + np.repeat(weights, sizes) * shorter, weights


class MarkovModel(NGramTable):
    """A model of the next word given the words before it in its row: levels, shortest first, above a uniform one.

    `uniform` (V,) has the probability of each word if nothing was seen. The levels count END after every row. If only
    `end_fraction` of the ENDs are targets, its probability shrinks as if the other ENDs were not in the text, and the
    other probabilities grow accordingly.
    """

    def __init__(self, lengths: Iterable[Smoothed], uniform: np.ndarray, bits: int, end_fraction: float = 1.0) -> None:
        super().__init__([], bits, end_fraction)
        self.uniform = uniform
        self.best: list[np.ndarray] = []  # of each level, the most probable word after each context
        # The best words after the contexts without their first words; at first only the empty context. If nothing was
        # seen, no word is more probable than UNKNOWN.
        best, scores, suffixes = np.array([len(uniform) - 1]), uniform[-1:], np.zeros(1, np.uint32)
        probabilities = uniform
        for length in lengths:
            level, best, scores = self._build(length, probabilities, best[suffixes], scores[suffixes])
            self.levels.append(level)
            self.best.append(best)
            probabilities = level.probabilities
            suffixes = length.ngrams.suffixes if len(self.levels) > 1 else np.zeros(len(uniform), np.uint32)

    def _build(
        self, length: Smoothed, shorter: np.ndarray, best: np.ndarray, scores: np.ndarray
    ) -> tuple[Level, np.ndarray, np.ndarray]:
        """Return a level and, for each of its contexts, the best word and its score: p, scaled if it is END.

        `shorter` has the probabilities of the n-grams one word shorter, `best` and `scores` the best words after the
        contexts without their first words.
        """
        ngrams = length.ngrams
        probabilities, weights = np.empty(len(ngrams.words), np.float32), np.ones(len(best), np.float32)
        best, scores = best.astype(ngrams.words.dtype), scores.astype(np.float32)
        for some, starts in ngrams.blocks():
            contexts, words = ngrams.contexts[some][starts], ngrams.words[some]
            found, passed = length.interpolate(some, starts, shorter[ngrams.suffixes[some]])
            probabilities[some], weights[contexts] = found, passed
            # Unseen words have the shorter context's probabilities times one weight. So the best word is a seen one, or
            # the best after the shorter context.
            seen, highest = _first_best(np.where(words == END, self.end_fraction, 1) * found, words, starts)
            other = scores[contexts] * passed
            best[contexts] = np.where(highest >= other, seen, best[contexts])
            scores[contexts] = np.maximum(highest, other)
        return Level(ngrams.keys(self.bits), probabilities, weights), best, scores

    def predict(self, text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probability of each word of a text (float64) and the most probable word in its place.

        `text` is START, words, END of one row after another. The values at START's places have no meaning.
        """
        found = self.uniform[text]
        ends, end = np.full(len(text), END), np.full(len(text), self.uniform[END])
        best = np.full(len(text), len(self.uniform) - 1)
        contexts = np.zeros(len(text), np.int64)  # the empty one
        for level, likeliest in zip(self.levels, self.best, strict=True):
            known = contexts >= 0
            best[known] = likeliest[contexts[known]]
            found, numbers = level.extend(contexts, text, found, self.bits)
            if self.end_fraction < 1:
                end, _ = level.extend(contexts, ends, end, self.bits)
            contexts = np.concatenate([[-1], numbers])[:-1]
        if self.end_fraction < 1:
            found[text == END] *= self.end_fraction
            found /= 1 - (1 - self.end_fraction) * end
        return found, best


def add_one(text: SortedText, order: int, end_fraction: float) -> MarkovModel:
    """Return the book's smoothing: add 1 to the count of each of the V ids after each context of `order` - 1 words.

    A count of END is scaled by `end_fraction`. Shorter contexts are not used.
    """
    size = text.vocabulary_size
    lengths = (
        Smoothed(
            ngrams,
            np.where(ngrams.words == END, end_fraction, 1.0) * counts * (length == order),
            off=np.zeros(4),
            added=size,
        )
        for length, (ngrams, counts) in enumerate(text.counted(order), 1)
    )
    return MarkovModel(lengths, np.full(size, 1 / size), text.bits)


def kneser_ney(text: SortedText, order: int, end_fraction: float = 1.0) -> MarkovModel:
    """Return interpolated modified Kneser-Ney: n-grams of `order` words by count, shorter ones by continuations.

    Each length has three discounts of its own. START has probability 0.
    """
    lengths = (Smoothed(ngrams, counts, discounts(counts), added=0.0) for ngrams, counts in text.counted(order))
    uniform = np.full(text.vocabulary_size, 1 / (text.vocabulary_size - 1))
    uniform[START] = 0.0
    return MarkovModel(lengths, uniform, text.bits, end_fraction)


def _first_best(scores: np.ndarray, words: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first word with the highest score after each context, and that score.

    The n-grams of each context begin at `starts`.
    """
    highest = np.maximum.reduceat(scores, starts)
    places = np.flatnonzero(scores == np.repeat(highest, np.diff(starts, append=len(scores))))
    return words[places[np.searchsorted(places, starts)]], highest
