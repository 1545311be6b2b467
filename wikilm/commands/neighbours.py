"""Find the words nearest to a word."""

import argparse

from wikilm.commands.answer import Answer
from wikilm.commands.word_vectors import add_nearest, nearest_answer, read_vectors
from wikilm.given import check_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("word", metavar="WORD")
    add_nearest(parser)


def neighbours(arguments: argparse.Namespace) -> Answer:
    """Return the words nearest to a word."""
    number = check_number("--top", arguments.top)
    vectors = read_vectors(arguments, [arguments.word], arguments.distance)
    (word,) = vectors.asked
    return nearest_answer(vectors, word, vectors.space.neighbours(word, number, arguments.distance))
