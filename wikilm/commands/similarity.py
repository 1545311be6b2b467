"""Measure the cosine of two words, compared with random pairs of words.

Example: wikilm similarity river ocean
"""

import argparse

import numpy as np

from pipeline.run.errors import UserError
from wikilm.commands.answer import Answer
from wikilm.commands.word_vectors import add_vectors, read_vectors

DRAWN_PAIRS = 10_000
PAIRS_SEED = 0  # the same pairs each time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("words", nargs=2, metavar="WORD")
    add_vectors(parser)


def similarity(arguments: argparse.Namespace) -> Answer:
    """Return the cosine of two words, and how many random pairs of different words have a lower one."""
    vectors = read_vectors(arguments, arguments.words)
    unit, question = vectors.space.unit, ", ".join(vectors.asked)
    if len(unit) < 2:
        raise UserError(f"{question}: {vectors.about['model']} has no other words")
    one, other = (unit[vectors.space.index[word]] for word in vectors.asked)
    cosine = float(one @ other)
    below = int(np.count_nonzero(random_cosines(unit) < cosine))
    data = {**vectors.about, "question": question, "cosine": cosine, "random_pairs": DRAWN_PAIRS, "below": below}
    line = f"{cosine:.3f}  higher than {below:,} of {DRAWN_PAIRS:,} random pairs"
    return Answer(data, [line], vectors.note)


def random_cosines(unit: np.ndarray) -> np.ndarray:
    """Return the cosines of random pairs of different rows of `unit`, rows of unit length: (PAIRS,)."""
    random = np.random.default_rng(PAIRS_SEED)
    first = random.integers(len(unit), size=DRAWN_PAIRS)
    second = (first + random.integers(1, len(unit), size=DRAWN_PAIRS)) % len(unit)
    cosines: np.ndarray = np.einsum("pd,pd->p", unit[first], unit[second])
    return cosines
