"""Counting n-grams of every length by sorting the places of a text once.

A text is one flat array: rows of ids, one after another, each START, words, END. Its places are sorted by the n-grams
that begin there, so equal n-grams, and n-grams that share a context, are neighbours, for every length. Each n-gram has
a number among the n-grams of its length and is stored as (number of its context, last word). So no n-gram has to fit
into one integer, and neither the vocabulary nor the order has a limit.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pipeline.store.vocabulary import END, START

INDEX_BITS = 32  # of a place: a text has fewer than 2^32 of them
NGRAMS_AT_ONCE = 1 << 18


class NGrams(NamedTuple):
    """Distinct n-grams of one length, ascending: an n-gram's number is its index here."""

    contexts: np.ndarray  # number of the n-gram without its last word, among the n-grams one word shorter
    words: np.ndarray  # its last word
    suffixes: np.ndarray  # number of the n-gram without its first word, among the n-grams one word shorter

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield slices of some 260,000 n-grams, with whole contexts, and where in a slice each context begins."""
        start = 0
        while start < len(self.contexts):
            last = self.contexts[min(start + NGRAMS_AT_ONCE, len(self.contexts)) - 1]
            some = slice(start, start := int(np.searchsorted(self.contexts, last, "right")))
            contexts = self.contexts[some]
            yield some, np.concatenate([[0], np.flatnonzero(contexts[1:] != contexts[:-1]) + 1])

    def keys(self, bits: int) -> np.ndarray:
        """Return each context and word packed into an integer, uint64 and ascending."""
        keys = self.contexts.astype(np.uint64)
        keys <<= np.uint64(bits)
        keys |= self.words
        return keys


class SortedText:
    """The places of a text, sorted by the up to `longest` ids from there on.

    With ids of 16 bits it takes 8 bytes for each place, and at most 30 while it sorts.
    """

    def __init__(self, text: np.ndarray, longest: int, vocabulary_size: int) -> None:
        self.vocabulary_size = vocabulary_size
        self.bits = (vocabulary_size - 1).bit_length()
        self.text = np.concatenate([text, np.full(longest, START, text.dtype)])
        self.rows = int(np.count_nonzero(text == START))  # START is 0: their places are the first
        self.places = _sorted_places(self.text, longest, self.bits)
        # For each sorted place: how many ids it shares with the place before, and how many follow in its row.
        self.shared, self.room = (np.zeros(len(text), np.uint8) for _ in range(2))
        same = within = np.ones(len(text), bool)
        for number in range(longest):
            words = self.text[self.places + np.uint32(number)]
            same = np.concatenate([[False], same[1:] & (words[1:] == words[:-1])])[: len(text)]
            within = within & (words != START) if number else within
            self.shared += same
            self.room += within

    def counted(self, order: int) -> Iterator[tuple[NGrams, np.ndarray]]:
        """Yield the n-grams of each length up to `order` and their counts, as defined by Kneser and Ney.

        The count of the longest n-grams is the number of times that they occur; the count of shorter ones is the number
        of different words before them. Nothing precedes START, so for n-grams that begin with it the count is always
        the number of times that they occur. Every id is an n-gram of length 1; START has the count 0.
        """
        every = np.arange(self.vocabulary_size, dtype=self.text.dtype)
        # Without its first word each is empty; the uniform distribution has an entry for each id.
        ngrams = NGrams(np.zeros(len(every), np.uint32), every, every)
        for length in range(1, order):
            longer = self._ngrams(length + 1, self.numbers(length))
            counts = np.bincount(longer.suffixes, minlength=len(ngrams.words)).astype(np.uint32)
            if length > 1:
                from_start = np.count_nonzero(self.firsts(length)[: self.rows])
                counts[:from_start] = self.occurrences(length)[:from_start]
            yield ngrams, counts
            ngrams = longer
        yield ngrams, self.occurrences(order)

    def occurrences(self, length: int) -> np.ndarray:
        """Return how often each n-gram of a length occurs; for length 1, how often each id does, with 0 for START."""
        starts = np.flatnonzero(self.shared < length).astype(np.uint32)
        counts = np.diff(starts, append=np.uint32(len(self.places)))
        if length > 1:
            return counts[self.room[starts] >= length]
        found = np.zeros(self.vocabulary_size, counts.dtype)
        found[self.text[self.places[starts]]] = counts
        found[START] = 0
        return found

    def firsts(self, length: int) -> np.ndarray:
        """Return a mask of the sorted places: for each n-gram of a length that lies within a row, its first."""
        return (self.shared < length) & (self.room >= length)

    def numbers(self, length: int) -> np.ndarray:
        """Return for each place of the text the number of the n-gram from there on, if its row is long enough."""
        if length == 1:
            return self.text
        numbers = np.empty(len(self.places), np.uint32)
        numbers[self.places] = np.cumsum(self.firsts(length), dtype=np.uint32) - np.uint32(1)
        return numbers

    def _ngrams(self, length: int, shorter: np.ndarray) -> NGrams:
        """Return the n-grams of a length, given the `numbers` of the n-grams one word shorter."""
        begin = self.places[self.firsts(length)]
        return NGrams(shorter[begin], self.text[begin + np.uint32(length - 1)], shorter[begin + np.uint32(1)])


def text_of(tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return rows of these `lengths`, laid end to end in `tokens`, as a text: each between START and END."""
    ends = np.cumsum(lengths)
    return np.insert(tokens, np.stack([ends - lengths, ends], 1).ravel(), np.tile([START, END], len(lengths)))


def _sorted_places(text: np.ndarray, longest: int, bits: int) -> np.ndarray:
    """Return the places of a text, without its last `longest`, by the ids from there on: uint32.

    A radix sort, the last ids first. Each pass packs as many ids as possible above a place's index, which keeps the
    order of equal ones. Sorting such integers is several times as fast as `argsort`.
    """
    number = len(text) - longest
    indexes = np.arange(number, dtype=np.uint32)
    places = indexes
    step = max(1, (64 - INDEX_BITS) // bits)
    for start in reversed(range(0, longest, step)):
        keys = np.zeros(number, np.uint64)
        for offset in range(start, min(start + step, longest)):
            keys <<= np.uint64(bits)
            keys |= text[places + np.uint32(offset)]
        keys <<= np.uint64(INDEX_BITS)
        keys |= indexes
        keys.sort()
        places = places[keys.astype(np.uint32)]
    return places
