"""The Markov models of the book's chapter 1, which a recurrent model must beat, over arrays of word ids.

    p(w | context) = share(context, w) + weight(context) p(w | context without its first word)

Add-one smoothing and interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998) differ only in shares and
weights. What the shortest context passes down goes to a uniform distribution, so the probabilities of all words sum to
1 after every context.

N-grams are counted by sorting: each is packed into a uint64, its last word in the lowest bits, so that the words
after one context are neighbours. Memory grows with the text: at its peak a trigram model of 35 million words of
English took 35 bytes a word (counting alone takes 17), and keeps 16 for each distinct n-gram.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.store.vocabulary import END, START

LONGEST = 3  # words in an n-gram
MOST_IDS = 2 ** (64 // LONGEST)  # in a vocabulary, so that an n-gram fits into 64 bits
KEYS_AT_ONCE = 1 << 20
# For n-grams seen once, twice and more often, where their counts give no estimate (KenLM uses the same).
FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)


class NGrams(NamedTuple):
    """Distinct n-grams of one length, packed and ascending, and the count of each."""

    keys: np.ndarray
    counts: np.ndarray


def count_ngrams(text: np.ndarray, order: int, bits: int) -> NGrams:
    """Return the n-grams of `order` words in `text`: rows of word ids, one after another, each START, words, END.

    START can only begin an n-gram, and is not a unigram.
    """
    number = max(0, len(text) - order + 1)
    keys = np.zeros(number, np.uint64)
    within = np.ones(number, bool)  # one row
    for place in range(order):
        words = text[place : place + number]
        keys <<= bits
        keys |= words
        if place or order == 1:
            within &= words != START
    keys = keys[within]
    del within
    keys.sort()
    return _distinct(keys)


def count_continuations(longer: NGrams, shorter: NGrams, order: int, bits: int) -> NGrams:
    """Return the n-grams of `order` words that end the `longer` ones, with the number of different words before them.

    Nothing precedes START, so n-grams that begin with it keep their counts in `shorter`.
    """
    ends = longer.keys & _low(order * bits)
    ends.sort()
    keys, counts = _distinct(ends)
    from_start = np.searchsorted(shorter.keys, np.uint64(1 << (order - 1) * bits))  # START is 0: they come first
    return NGrams(
        np.concatenate([shorter.keys[:from_start], keys]), np.concatenate([shorter.counts[:from_start], counts])
    )


def discounts(counts: np.ndarray) -> np.ndarray:
    """Return what modified Kneser-Ney takes off a count of 0, 1, 2, and 3 or more, estimated from all `counts`."""
    n1, n2, n3, n4 = (int(np.count_nonzero(counts == count)) for count in (1, 2, 3, 4))
    if n1 and n2 and n3 and n4:
        y = n1 / (n1 + 2 * n2)
        estimated = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        if min(estimated) > 0:
            return np.array([0, *estimated])
    return np.array([0, *FALLBACK_DISCOUNTS])


class Level:
    """One length of n-grams in an interpolated model.

    `off` is taken off a count of 0, 1, 2, and 3 or more; the level passes that, and `added` for each context, down to
    shorter contexts.
    """

    def __init__(self, ngrams: NGrams, order: int, bits: int, *, off: np.ndarray, added: float) -> None:
        self.order, self.bits = order, bits
        self.keys, counts = ngrams
        contexts = self.keys >> bits
        self.starts = _firsts(contexts)  # of the contexts, among the n-grams
        self.sizes = np.diff(self.starts, append=len(contexts))
        self.contexts = contexts[self.starts]
        taken = off[np.minimum(counts, 3).astype(np.intp)]
        totals = np.add.reduceat(counts, self.starts) + added
        self.weights = (np.add.reduceat(taken, self.starts) + added) / totals
        self.shares = (counts - taken) / np.repeat(totals, self.sizes)

    def probabilities(self, keys: np.ndarray, shorter: np.ndarray) -> np.ndarray:
        """Return the probability of the last word of each n-gram, given its probability in the `shorter` context."""
        keys = keys & _low(self.order * self.bits)
        found = shorter.copy()
        at, seen = _find(self.contexts, keys >> self.bits)
        found[seen] *= self.weights[at]
        at, seen = _find(self.keys, keys)
        found[seen] += self.shares[at]
        return found


class MarkovModel:
    """A model of the next word given the two before it, or fewer: levels, shortest first, above a uniform one.

    `uniform` (V,) holds the probability of each word where nothing was seen. The levels see END after every row; where
    END is a target of only `end_fraction` of the rows, its probability shrinks as if the other ENDs were not in the
    text, and the other probabilities grow to match.
    """

    def __init__(self, levels: Sequence[Level], uniform: np.ndarray, bits: int, end_fraction: float = 1.0) -> None:
        self.uniform, self.bits = uniform, bits
        self.kept = np.ones(len(uniform))
        self.kept[END] = end_fraction
        self.levels: list[Level] = []
        self.ranked_first: list[np.ndarray] = []  # for each level, a word for each of its contexts
        for level in levels:  # each is ranked with those below it
            self.levels.append(level)
            self.ranked_first.append(self._rank_first(level))

    def probabilities(self, contexts: np.ndarray, words: np.ndarray) -> np.ndarray:
        """Return p(word | context), float64 (n,), for the two words before, (n, 2), and the words, (n,).

        START precedes a row's first word, and START.
        """
        packed = _pack(contexts, self.bits) << self.bits
        found = self._scores(packed | words.astype(np.uint64))
        found /= 1 - (1 - self.kept[END]) * self._smoothed(packed | np.uint64(END))
        return found

    def best(self, contexts: np.ndarray) -> np.ndarray:
        """Return the most probable word after each two words: int64 (n,) for (n, 2)."""
        return self._best(_pack(contexts, self.bits))

    def _best(self, contexts: np.ndarray) -> np.ndarray:
        best = np.full(len(contexts), len(self.uniform) - 1)  # no word is more probable where nothing was seen
        for level, ranked_first in zip(self.levels, self.ranked_first, strict=False):  # those ranked so far
            at, seen = _find(level.contexts, contexts & _low((level.order - 1) * self.bits))
            best[seen] = ranked_first[at]
        return best

    def _rank_first(self, level: Level) -> np.ndarray:
        """Return the most probable word after each context of `level`, the last so far.

        It is one that was seen there, or else the most probable after the shorter context: the probabilities
        of all words that were not seen are the shorter context's times one weight.
        """
        scores = np.empty(len(level.keys))
        for start in range(0, len(scores), KEYS_AT_ONCE):
            some = slice(start, start + KEYS_AT_ONCE)
            scores[some] = self._scores(level.keys[some])
        highest = np.maximum.reduceat(scores, level.starts)
        places = np.flatnonzero(scores == np.repeat(highest, level.sizes))
        first = places[np.searchsorted(places, level.starts)]
        seen = (level.keys[first] & _low(self.bits)).astype(np.int64)
        other = self._best(level.contexts)
        other_scores = self._scores(level.contexts << self.bits | other.astype(np.uint64))
        return np.where(other_scores > highest, other, seen)

    def _scores(self, keys: np.ndarray) -> np.ndarray:
        """Return numbers in proportion to the last words' probabilities, among the words of one context."""
        return self._smoothed(keys) * self.kept[(keys & _low(self.bits)).astype(np.intp)]

    def _smoothed(self, keys: np.ndarray) -> np.ndarray:
        found = self.uniform[(keys & _low(self.bits)).astype(np.intp)]
        for level in self.levels:
            found = level.probabilities(keys, found)
        return found


def add_one(text: np.ndarray, order: int, vocabulary_size: int, end_fraction: float) -> MarkovModel:
    """Return the book's smoothing: each of the V ids counts once more after each context of `order` - 1 words.

    `text` is as for `count_ngrams`; a count of END is scaled by `end_fraction`.
    """
    bits = (vocabulary_size - 1).bit_length()
    keys, counts = count_ngrams(text, order, bits)
    counts = np.where(keys & _low(bits) == END, end_fraction, 1.0) * counts
    level = Level(NGrams(keys, counts), order, bits, off=np.zeros(4), added=vocabulary_size)
    return MarkovModel([level], np.full(vocabulary_size, 1 / vocabulary_size), bits)


def kneser_ney(text: np.ndarray, order: int, vocabulary_size: int, end_fraction: float) -> MarkovModel:
    """Return interpolated modified Kneser-Ney: n-grams of `order` words by count, shorter ones by continuations.

    `text` is as for `count_ngrams`; START has probability 0.
    """
    bits = (vocabulary_size - 1).bit_length()
    ngrams = count_ngrams(text, order, bits)
    levels: list[Level] = []
    for length in range(order, 0, -1):
        levels.insert(0, Level(ngrams, length, bits, off=discounts(ngrams.counts), added=0.0))
        if length > 1:
            ngrams = count_continuations(ngrams, count_ngrams(text, length - 1, bits), length - 1, bits)
    uniform = np.full(vocabulary_size, 1 / (vocabulary_size - 1))
    uniform[START] = 0.0
    return MarkovModel(levels, uniform, bits, end_fraction)


def _pack(words: np.ndarray, bits: int) -> np.ndarray:
    """Return rows of word ids as packed n-grams."""
    keys = np.zeros(len(words), np.uint64)
    for column in words.T:
        keys <<= bits
        keys |= column.astype(np.uint64)
    return keys


def _low(bits: int) -> np.uint64:
    """Return a mask of the lowest bits."""
    return np.uint64((1 << bits) - 1)


def _distinct(ascending: np.ndarray) -> NGrams:
    starts = _firsts(ascending)
    return NGrams(ascending[starts], np.diff(starts, append=len(ascending)))


def _firsts(ascending: np.ndarray) -> np.ndarray:
    """Return where each value stands first."""
    new = np.ones(len(ascending), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return np.flatnonzero(new)


def _find(ascending: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the `values` that are there, and which these are (a mask)."""
    at = np.searchsorted(ascending, values)
    seen = at < len(ascending)
    seen[seen] = ascending[at[seen]] == values[seen]
    return at[seen], seen
