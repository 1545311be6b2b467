"""N-grams as arrays in a file: with ids of 16 bits at most 12 bytes each, and some 4 with rounded probabilities."""

from collections.abc import Mapping

import numpy as np

from pipeline.ngrams.rounded import codes_of, probabilities_of, with_weights
from pipeline.ngrams.table import Level, NGramTable

MOST_WRONG = 1e-3  # of a sum of probabilities in float32


def ngram_arrays(table: NGramTable, rounded: bool) -> dict[str, np.ndarray]:
    """Return arrays from which `from_arrays` makes a table again, whose probabilities are or are not `rounded`.

    By level: the words and probabilities of n-grams, and how many n-grams each context has. Contexts of rounded n-grams
    need no weights, which follow from the probabilities.
    """
    mask, found = np.uint64((1 << table.bits) - 1), {"end_fraction": np.array([table.end_fraction])}
    small = np.min_scalar_type(int(mask))
    for length, level in enumerate(table.levels, 1):
        sizes = np.bincount((level.keys >> np.uint64(table.bits)).astype(np.intp), minlength=len(level.weights))
        found[f"{length}.words"] = (level.keys & mask).astype(small)
        found[f"{length}.sizes"] = sizes.astype(np.min_scalar_type(int(sizes.max(initial=0))))
        as_code = rounded and length > 1
        found[f"{length}.probabilities"] = codes_of(level.probabilities) if as_code else level.probabilities
        if not rounded:
            found[f"{length}.weights"] = level.weights
    return found


def from_arrays(arrays: Mapping[str, np.ndarray], vocabulary_size: int, order: int, rounded: bool) -> NGramTable:
    """Return the table of `ngram_arrays`; raises `ValueError` if it is not one of this order for this vocabulary."""
    bits, contexts = (vocabulary_size - 1).bit_length(), 1
    names = ("words", "sizes", "probabilities", "weights")[: 3 if rounded else 4]
    if arrays.keys() != {f"{n}.{name}" for n in range(1, order + 1) for name in names} | {"end_fraction"}:
        raise ValueError(f"its arrays are not those of n-grams of {order} words")
    for name, own in arrays.items():
        exact = name.endswith(("weights", "1.probabilities" if rounded else "probabilities"))
        if own.ndim != 1 or not own.dtype.str[1:].startswith(
            "f8" if name == "end_fraction" else "f4" if exact else "u"
        ):
            raise ValueError(f"its {name} are {own.dtype} {own.shape}")
    if len(arrays["end_fraction"]) != 1 or not 0 <= (end_fraction := float(arrays["end_fraction"][0])) <= 1:
        raise ValueError("its end_fraction is not one from 0 to 1")
    levels = []
    for length in range(1, order + 1):
        words, sizes, given = (arrays[f"{length}.{name}"] for name in names[:3])
        probabilities = probabilities_of(given) if rounded and length > 1 else given
        weights = np.ones(contexts, np.float32) if rounded else arrays[f"{length}.weights"]
        whole = (length > 1 or np.array_equal(words, np.arange(vocabulary_size))) and sizes.max(initial=0) <= len(words)
        if not (whole and len(sizes) == len(weights) == contexts and sizes.sum() == len(words) == len(probabilities)):
            raise ValueError(f"its n-grams of length {length} do not fit one another")
        if words.max(initial=0) >= vocabulary_size:
            raise ValueError(f"its n-grams of length {length} have words that are not in the vocabulary")
        if any(each.min(initial=0) < 0 or each.max(initial=0) > 1 for each in (probabilities, weights)):
            raise ValueError(f"its n-grams of length {length} have probabilities or weights beyond 0 and 1")
        if length == 1 and abs(probabilities.sum(dtype=np.float64) - 1) > MOST_WRONG:
            raise ValueError("its probabilities of single words do not sum to 1")
        keys = np.repeat(np.arange(contexts, dtype=np.uint64) << np.uint64(bits), sizes) | words
        if (keys[1:] <= keys[:-1]).any():
            raise ValueError(f"its n-grams of length {length} are not in order")
        levels.append(Level(keys, probabilities, weights))
        contexts = len(words)
    if rounded:
        levels = with_weights([level.keys for level in levels], [level.probabilities for level in levels], bits)
    return NGramTable(levels, bits, end_fraction)
