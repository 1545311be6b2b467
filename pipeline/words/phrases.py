"""Phrases: two words that often occur together, such as `new_york`, as one word."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.words.layout import JOINER

MOST_COUNTED = 5_000_000  # words and pairs; if a text has more, rare ones are forgotten


def learn_phrases(sequences: Iterable[list[str]]) -> list[str]:
    """Return the phrases that gensim's Phrases finds in a text by its default settings, sorted by code point."""
    # Imported here because most runs have no phrases, and gensim loads slowly.
    from gensim.models.phrases import Phrases

    return sorted(Phrases(sequences, max_vocab_size=MOST_COUNTED, delimiter=JOINER).export_phrases())


def read_phrases(path: Path) -> pa.StringArray:
    """Return the phrases of a file, one on each line; none if there is no such file."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    return pa.array(lines, pa.string())


def join_phrases(
    words: pa.DictionaryArray, lengths: np.ndarray, phrases: pa.StringArray
) -> tuple[pa.DictionaryArray, np.ndarray]:
    """Return `words` with the pairs that are `phrases` joined, and the new lengths of the sequences.

    A phrase lies in one sequence. Where pairs overlap, the first is joined.
    """
    ids, known = words.indices.to_numpy(), words.dictionary
    sequence_of = np.repeat(np.arange(len(lengths)), lengths)
    pairs, pair_of = np.unique(ids[:-1] * np.int64(len(known)) + ids[1:], return_inverse=True)
    first, second = (known.take(pa.array(each)) for each in np.divmod(pairs, max(1, len(known))))
    found = pc.index_in(pc.binary_join_element_wise(first, second, JOINER), value_set=phrases)
    phrase = found.fill_null(-1).to_numpy()[pair_of]
    phrase[sequence_of[:-1] != sequence_of[1:]] = -1
    # In a row of pairs that are phrases, every second one overlaps the one that is joined before it.
    place = np.arange(len(phrase))
    before = np.maximum.accumulate(np.where(phrase >= 0, -1, place))
    joined = np.flatnonzero((place - before) % 2 == 1)

    ids = ids.astype(np.int64)
    ids[joined] = len(known) + phrase[joined]
    every = pa.concat_arrays([known, phrases]).dictionary_encode()  # once: a word may be spelled like a phrase
    indices = every.indices.take(pa.array(np.delete(ids, joined + 1)))
    shorter = np.bincount(sequence_of[joined], minlength=len(lengths))
    return pa.DictionaryArray.from_arrays(indices, every.dictionary), lengths - shorter
