"""N-gram models as tables: the probability of each n-gram, and the weight of each context, as ARPA files have them.

After a context a word has the probability of the longest n-gram that is in the table, times the weights of the longer
contexts, which have not seen it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.store.vocabulary import END, START

if TYPE_CHECKING:  # torch takes a second to import
    from torch import Tensor


class Level(NamedTuple):
    """One length of n-grams in an interpolated model; contexts have the numbers of the n-grams one word shorter."""

    keys: np.ndarray  # of the n-grams, ascending: a context's number and a word, packed into 64 bits
    probabilities: np.ndarray  # of the n-grams' last words
    weights: np.ndarray  # of the contexts

    def extend(
        self, contexts: np.ndarray, words: np.ndarray, shorter: np.ndarray, bits: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return p of `words` after `contexts` (-1 for one that never occurred), and the n-grams' numbers or -1.

        `shorter` holds the probabilities after the contexts without their first words.
        """
        known = np.flatnonzero(contexts >= 0)
        probabilities, numbers = shorter.copy(), np.full(len(contexts), -1)
        probabilities[known] *= self.weights[contexts[known]]
        keys = contexts[known].astype(np.uint64) << np.uint64(bits) | words[known].astype(np.uint64)
        order = np.argsort(keys)  # keys in order are found many times as fast
        known, keys = known[order], keys[order]
        at = np.searchsorted(self.keys, keys)
        seen = at < len(self.keys)
        seen[seen] = self.keys[at[seen]] == keys[seen]
        numbers[known[seen]] = at[seen]
        probabilities[known[seen]] = self.probabilities[at[seen]]
        return probabilities, numbers


class NGramTable:
    """Levels of n-grams, the shortest first: that of single words has every id.

    If only `end_fraction` of the ENDs are targets, the probability of END shrinks as if the other ENDs were not in the
    text, and the other probabilities grow accordingly.
    """

    def __init__(self, levels: Sequence[Level], bits: int, end_fraction: float = 1.0) -> None:
        self.levels, self.bits, self.end_fraction = [*levels], bits, end_fraction

    def __deepcopy__(self, memo: dict[int, Any]) -> "NGramTable":
        return self  # a copy of a network shares it: it never changes

    @property
    def ngrams(self) -> int:
        """The number of n-grams of all lengths."""
        return sum(len(level.keys) for level in self.levels)

    def read(self, text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probability of each place of a text, float32 (places,), and the contexts there.

        Contexts are numbers, int64 (places, order - 1), of the shortest first; -1 is one that never occurred. `text` is
        START, words, END of one row after another. The values at START's places have no meaning.
        """
        found, ends = (self.levels[0].probabilities[words] for words in (text, np.full_like(text, END)))
        contexts = np.full((len(text) + 1, len(self.levels)), -1)
        contexts[1:, 1:2] = text[:, None]
        for length, level in enumerate(self.levels[1:], 1):
            before = contexts[:-1, length]
            found, numbers = level.extend(before, text, found, self.bits)
            if self.end_fraction < 1:
                ends, _ = level.extend(before, np.full_like(text, END), ends, self.bits)
            if length + 1 < len(self.levels):
                contexts[1:, length + 1] = numbers
        if self.end_fraction < 1:
            found[text == END] *= self.end_fraction
            found /= 1 - (1 - self.end_fraction) * ends
        return found, contexts[:-1, 1:]

    def distributions(self, contexts: np.ndarray) -> np.ndarray:
        """Return the probability of each word, float32 (n, V), after some of the `contexts`, (n, order - 1)."""
        first, *levels = self.levels
        # What a level says of a word counts as much as the longer contexts, which have not seen it, leave to it.
        known, left = contexts >= 0, np.ones((len(levels) + 1, len(contexts)), np.float32)
        for at, level in reversed([*enumerate(levels)]):
            rows = np.flatnonzero(known[:, at])
            left[at] = left[at + 1]
            left[at, rows] *= level.weights[contexts[rows, at]]
        found: np.ndarray = left[0][:, None] * first.probabilities
        mask = np.uint64((1 << self.bits) - 1)
        for level, own, seen, share in zip(levels, contexts.T, known.T, left[1:], strict=True):
            rows = np.flatnonzero(seen)
            keys = own[rows].astype(np.uint64) << np.uint64(self.bits)
            start, stop = np.searchsorted(level.keys, keys), np.searchsorted(level.keys, keys | mask, "right")
            sizes = stop - start
            at = np.repeat(stop - np.cumsum(sizes), sizes) + np.arange(sizes.sum())
            rows = np.repeat(rows, sizes)
            found[rows, (level.keys[at] & mask).astype(np.intp)] = level.probabilities[at] * share[rows]
        if self.end_fraction < 1:
            end = found[:, [END]]
            found[:, END] *= self.end_fraction
            found /= 1 - (1 - self.end_fraction) * end
        return found

    def after(self, contexts: "Tensor") -> "Tensor":
        """Return the same of a tensor, as a tensor."""
        import torch

        return torch.from_numpy(self.distributions(contexts.numpy()))

    def contexts(self, row: Sequence[int]) -> "Tensor":
        """Return the contexts before each of a row's n words, and after the last, int64 (n + 1, order - 1)."""
        import torch

        return torch.from_numpy(self.read(np.array([START, *row, END]))[1][1:])
