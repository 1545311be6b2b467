"""Find the words nearest to a word."""

import argparse

from pipeline.commands.answer import Answer
from pipeline.commands.nearest_words import add_vectors, nearest_answer, read_vectors
from pipeline.commands.sampling import check_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("word", metavar="WORD")
    add_vectors(parser)


def neighbours(arguments: argparse.Namespace) -> Answer:
    """Return the words nearest to a word."""
    word, number = arguments.data.word(arguments.word), check_number("--top", arguments.top)
    vectors = read_vectors(arguments, [word])
    return nearest_answer(vectors, word, vectors.space.neighbours(word, number, arguments.distance))
