"""Find the word that fits the others least.

Example: wikilm odd river ocean king mountains
"""

import argparse

import numpy as np

from pipeline.run.errors import UserError
from pipeline.vectors.scaling import unit_length
from wikilm.commands.answer import Answer
from wikilm.commands.word_vectors import add_vectors, nearest_answer, read_vectors

FEWEST = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("words", nargs="+", metavar="WORD", help="three or more")
    add_vectors(parser)


def odd(arguments: argparse.Namespace) -> Answer:
    """Return the words by their cosine with the mean of all, the least first.

    The mean is of vectors of unit length, as in gensim's doesnt_match.
    """
    if (given := len(arguments.words)) < FEWEST:
        raise UserError(f"odd: {given} word(s); give {FEWEST} or more")
    vectors = read_vectors(arguments, arguments.words)
    unit = vectors.space.unit[[vectors.space.index[word] for word in vectors.asked]]
    cosines = unit @ unit_length(unit.mean(axis=0, keepdims=True))[0]
    order = np.argsort(cosines, kind="stable")
    return nearest_answer(vectors, ", ".join(vectors.asked), [(vectors.asked[i], float(cosines[i])) for i in order])
