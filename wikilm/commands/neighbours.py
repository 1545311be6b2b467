"""Find the words nearest to each word."""

import argparse

from wikilm.commands.answer import Answer
from wikilm.commands.word_vectors import add_nearest, nearest_answer, read_vectors
from wikilm.given import check_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("words", nargs="+", metavar="WORD")
    add_nearest(parser)


def neighbours(arguments: argparse.Namespace) -> Answer:
    """Return the words nearest to a word, or to each of several."""
    number = check_number("--top", arguments.top)
    vectors = read_vectors(arguments, arguments.words, arguments.distance)
    near = [vectors.space.neighbours(word, number, arguments.distance) for word in vectors.asked]
    found = [nearest_answer(vectors, *each) for each in zip(vectors.asked, near, strict=True)]
    if len(found) == 1:
        return found[0]
    lines = [line for each in found for line in (f"{each.data['question']}:", *each.lines)]
    return Answer([each.data for each in found], lines, vectors.note)
