"""What a Kneser-Ney model would give to each word of its own text, had it not counted the word's article.

A model gives text that it has counted far better chances than any other text. Here each article is scored by the counts
of all others, as if the model were counted anew without it, but for the discounts, which stay. An n-gram has other
counts without an article only if the article has it: there are no more pairs of an n-gram and an article than words.
And after a context that no other article has, the shorter context has all weight.

    p(w | context) = (m - off(m)) / total + (passed / total) p(w | context without its first word)

`m` is the count of an n-gram without the article, `total` the sum of m, and `passed` that of off(m), over all words
after the context: the sums of all articles, less what the article changes.
"""

from typing import NamedTuple

import numpy as np

from pipeline.ngrams.markov import discounts
from pipeline.ngrams.ngram_counts import NGrams, SortedText
from pipeline.store.vocabulary import END, START

LOW = np.uint64(32)  # bits of a place, or of an article, in a key


class Pairs(NamedTuple):
    """The pairs of an n-gram and an article that has it, by n-gram, then by article."""

    ngrams: np.ndarray  # their numbers
    articles: np.ndarray
    counts: np.ndarray  # of the n-gram in the article
    first: np.ndarray  # place of the n-gram in the article
    contexts: np.ndarray  # the pair, among those one word shorter, of the n-gram without its last word
    suffixes: np.ndarray  # and of that without its first word
    at: np.ndarray  # (places,) the pair of the n-gram that begins at a place; where there is none, their number

    def find(self, ngrams: np.ndarray, articles: np.ndarray) -> np.ndarray:
        """Return the numbers of pairs, or -1."""
        return _find(self.ngrams.astype(np.uint64) << LOW | self.articles, ngrams.astype(np.uint64) << LOW | articles)


def chances_without_own_article(text: SortedText, articles: np.ndarray, order: int, end_fraction: float) -> np.ndarray:
    """Return the probability of each place of a text, float32 (places,), by the counts of the other articles.

    `articles` (places,), uint32, ascends; it has the article of each place. The values at START's places have no
    meaning. END is scaled as in `MarkovModel`.
    """
    number = int(articles[-1]) + 1
    every = np.arange(number, dtype=np.uint32)
    # The empty n-gram with each article; that without a word is itself.
    shorter = Pairs(np.zeros_like(every), every, every, every, every, every, articles)
    uniform = 1 / (text.vocabulary_size - 1)
    found, ends = np.full((2, len(articles)), uniform, np.float32)
    chances, of_end = np.full(number, uniform), np.full(number, uniform)  # by pair of `shorter`; of END after it
    owners, size = articles[text.places], 1  # contexts
    contexts_elsewhere, elsewhere = np.ones(len(owners), bool), shared_by_articles(text, owners, 1)
    for length, (ngrams, counts) in enumerate(text.counted(order), 1):
        longer_elsewhere = shared_by_articles(text, owners, length + 1)
        off = discounts(counts)
        pairs, begins = pairs_of(text, articles, length, contexts_elsewhere, shorter)
        alone = text.places[text.firsts(length + 1) & ~longer_elsewhere]
        left = left_over(text, pairs, counts, alone if length < order else None)
        total, passed = (
            np.bincount(ngrams.contexts, every, size)[shorter.ngrams]
            - np.bincount(pairs.contexts, every[pairs.ngrams] - own, len(shorter.ngrams))
            for every, own in ((counts, left), (_taken(off, counts), _taken(off, left)))
        )
        empty = total <= 0  # without words the shorter context has all weight
        passed[empty] = total[empty] = 1
        if end_fraction < 1:
            count = counts_of_end(ngrams, counts, text.bits, shorter, pairs, left)
            of_end = (count - _taken(off, count) + passed * of_end[shorter.suffixes]) / total
            ends[begins + np.uint32(length - 1)] = of_end[shorter.at[begins]]
        before, of = chances[pairs.suffixes], pairs.contexts
        chances = (left - _taken(off, left) + passed[of] * before) / total[of]
        found[begins + np.uint32(length - 1)] = np.repeat(chances.astype(np.float32), pairs.counts)
        shorter, size, contexts_elsewhere, elsewhere = pairs, len(counts), elsewhere, longer_elsewhere
    if end_fraction < 1:
        found[text.text[: len(found)] == END] *= end_fraction
        found /= 1 - (1 - end_fraction) * ends
    return found


def shared_by_articles(text: SortedText, articles: np.ndarray, length: int) -> np.ndarray:
    """Return whether several articles have the n-gram of a length at each sorted place, whose `articles` are given."""
    starts = np.flatnonzero(text.shared < length)
    several = np.minimum.reduceat(articles, starts) != np.maximum.reduceat(articles, starts)
    found: np.ndarray = np.repeat(several, np.diff(starts, append=len(articles)))
    return found


def pairs_of(
    text: SortedText, articles: np.ndarray, length: int, chosen: np.ndarray, shorter: Pairs
) -> tuple[Pairs, np.ndarray]:
    """Return the pairs of n-grams of a length at the `chosen` sorted places, and the places of these n-grams."""
    chosen = np.flatnonzero((text.room >= length) & chosen)
    places = text.places[chosen]
    in_order = np.cumsum(text.firsts(length), dtype=np.uint32) - np.uint32(1)
    keys = (text.text[places] if length == 1 else in_order[chosen]).astype(np.uint64) << LOW | places
    keys.sort()
    places = keys.astype(np.uint32)
    keys >>= LOW
    numbers, own = keys.astype(np.uint32), articles[places]
    del keys, in_order, chosen
    new = np.ones(len(places), bool)
    new[1:] = (numbers[1:] != numbers[:-1]) | (own[1:] != own[:-1])
    starts = np.flatnonzero(new)
    at = np.full(len(articles), len(starts), np.uint32)
    at[places] = np.cumsum(new, dtype=np.uint32) - np.uint32(1)
    counts, first = np.diff(starts, append=len(places)).astype(np.uint32), places[starts]
    contexts, suffixes = shorter.at[first], shorter.at[first + np.uint32(length > 1)]
    return Pairs(numbers[starts], own[starts], counts, first, contexts, suffixes, at), places


def left_over(text: SortedText, pairs: Pairs, counts: np.ndarray, alone: np.ndarray | None) -> np.ndarray:
    """Return the count of each pair's n-gram without the pair's article, as Kneser and Ney define it.

    A word before an n-gram does not count without an article that alone has both: `alone` are the places of such
    words; None: n-grams count as often as they occur.
    """
    if alone is None:
        fewer = pairs.counts
    else:
        fewer = np.bincount(pairs.at[alone + np.uint32(1)], minlength=len(pairs.ngrams) + 1)[:-1]
        fewer = np.where(text.text[pairs.first] == START, pairs.counts, fewer)  # nothing precedes START
    left: np.ndarray = np.maximum(counts[pairs.ngrams].astype(np.int64) - fewer, 0)  # START alone has no count
    return left


def counts_of_end(
    ngrams: NGrams, counts: np.ndarray, bits: int, contexts: Pairs, pairs: Pairs, left: np.ndarray
) -> np.ndarray:
    """Return the count of END after each pair of a context and an article, without the article."""
    own = _find(ngrams.keys(bits), contexts.ngrams.astype(np.uint64) << np.uint64(bits) | np.uint64(END))
    found, seen = np.zeros(len(own), np.int64), own >= 0
    found[seen] = counts[own[seen]]
    same = pairs.find(own[seen], contexts.articles[seen])
    found[np.flatnonzero(seen)[same >= 0]] = left[same[same >= 0]]
    return found


def _find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return where each wanted key is among ascending keys, or -1."""
    at = np.searchsorted(keys, wanted)
    there = at < len(keys)
    there[there] = keys[at[there]] == wanted[there]
    return np.where(there, at, -1)


def _taken(off: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the discount of each count."""
    found: np.ndarray = off[np.minimum(counts, 3).astype(np.intp)]
    return found
