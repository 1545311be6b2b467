"""Find the words nearest to A - B + C.

Example: wikilm analogy king man woman
"""

import argparse

from pipeline.run.errors import UserError
from wikilm.commands.answer import Answer
from wikilm.commands.word_vectors import add_nearest, nearest_answer, read_vectors
from wikilm.given import check_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "words", nargs="+", metavar="WORD", help="A, B and C, or A - B + C: B is to A as C is to the answer"
    )
    add_nearest(parser)


def analogy(arguments: argparse.Namespace) -> Answer:
    """Return the words nearest to A - B + C, except these three, as the stage analogies finds them."""
    from pipeline.vectors.questions import Question

    number = check_number("--top", arguments.top)
    one, *others = arguments.words
    match arguments.words if others else one.split():  # "king - man + woman" in quotes is one
        case [a, b, c] | [a, "-", b, "+", c]:
            vectors = read_vectors(arguments, [a, b, c], arguments.distance)
        case words:
            raise UserError(f"{' '.join(words)}: is not A B C or A - B + C, such as king - man + woman")
    a, b, c = vectors.asked
    question = Question("", b, a, c, ())  # b is to a as c is to the answer
    return nearest_answer(vectors, f"{a} - {b} + {c}", vectors.space.nearest(question, arguments.distance, number))
