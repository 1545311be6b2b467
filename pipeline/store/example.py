"""What the page follows through a run, chosen by rule: a sentence of the test split, and beginnings of sentences."""

from collections import Counter

import numpy as np

from pipeline.store.sequences import Sequences

FEWEST_WORDS, MOST = 8, 16  # words of a sentence that fits on a screen
BEGINNINGS, BEGIN, ROWS = 4, 3, 10_000  # how many, of how many words, among how many rows
NEXT_WORDS = 5  # likeliest words after a beginning


def example(sequences: Sequences) -> tuple[int, np.ndarray]:
    """Return the number of a row of the test split, and its word ids: the first of 8 to 16 words, or the first.

    A longer one is cut to 16 words.
    """
    ids, lengths = sequences.ids_and_lengths("test")
    number = int(np.argmax((lengths >= FEWEST_WORDS) & (lengths <= MOST)))
    return number, sequences.rows([int(ids[number])])[0][:MOST]


def beginnings(sequences: Sequences) -> list[tuple[int, ...]]:
    """Return the commonest beginnings of some training rows as word ids, without UNKNOWN, the commonest first."""
    known = (row[:BEGIN].tolist() for row in next(sequences.batches(ROWS, seed=0)) if len(row) > BEGIN)
    counts = Counter(tuple(ids) for ids in known if sequences.vocabulary.unknown not in ids)
    return [ids for ids, _ in counts.most_common(BEGINNINGS)]
