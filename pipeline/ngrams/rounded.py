"""N-grams whose probabilities take 8 bits, and the weights of their contexts, which follow from them.

A code counts twelfths of a halving: p = 2^(-code / 12), at most 3 per cent wrong. What the n-grams of a context leave
is shared by the other words in proportion to the shorter context's probabilities, so all words' sum to 1. The
n-grams need their last words' shorter n-grams for that, as `pipeline.ngrams.pruned` keeps them. Single words are exact.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.ngrams.table import Level

TWELFTHS, LAST_CODE = 12, 255
SMALLEST = 1e-6  # share of the words that no n-gram of a context has


def codes_of(probabilities: np.ndarray) -> np.ndarray:
    """Return the nearest codes of probabilities, uint8."""
    with np.errstate(divide="ignore"):
        found: np.ndarray = np.rint(-TWELFTHS * np.log2(probabilities)).clip(0, LAST_CODE).astype(np.uint8)
    return found


def probabilities_of(codes: np.ndarray) -> np.ndarray:
    """Return the probabilities of codes, float32."""
    found: np.ndarray = np.exp2(-codes.astype(np.float32) / TWELFTHS)
    return found


def rounded(levels: Sequence[Level], bits: int) -> list[Level]:
    """Return levels with rounded probabilities; the next lower ones after contexts that they would fill."""
    found = [levels[0].probabilities]
    for level in levels[1:]:
        contexts = (level.keys >> np.uint64(bits)).astype(np.intp)
        own = codes_of(level.probabilities).clip(max=LAST_CODE - 1)
        full = np.bincount(contexts, probabilities_of(own), len(level.weights)) >= 1
        found.append(probabilities_of(own + full[contexts]))
    return with_weights([level.keys for level in levels], found, bits)


def with_weights(keys: Sequence[np.ndarray], probabilities: Sequence[np.ndarray], bits: int) -> list[Level]:
    """Return levels whose contexts have the weights with which all probabilities sum to 1.

    Raises `ValueError` if an n-gram lacks its shorter one, or if n-grams of a context have more than 1.
    """
    found = [Level(keys[0], probabilities[0], np.ones(1, np.float32))]
    suffixes = np.zeros(len(keys[0]), np.uint64)  # of each n-gram: the number of that without its first word
    for own, given in zip(keys[1:], probabilities[1:], strict=True):
        contexts, words = own >> np.uint64(bits), own & np.uint64((1 << bits) - 1)
        wanted = suffixes[contexts.astype(np.intp)] << np.uint64(bits) | words
        before = found[-1].keys
        at = np.searchsorted(before, wanted)
        if len(wanted) and (at.max() == len(before) or (before[at] != wanted).any()):
            raise ValueError("an n-gram lacks the shorter one")
        size = len(before)
        seen, shorter = (
            np.bincount(contexts.astype(np.intp), each, size) for each in (given, found[-1].probabilities[at])
        )
        if (seen > 1).any():
            raise ValueError("its n-grams have probabilities that sum to more than 1")
        weights = (1 - seen) / np.maximum(1 - shorter, SMALLEST)
        found.append(Level(own, given, weights.astype(np.float32)))
        suffixes = at.astype(np.uint64)
    return found
