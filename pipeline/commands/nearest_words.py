"""The words of a model nearest to a question, for `analogy` and `neighbours`."""

import argparse

from pipeline.commands.answer import Answer, table
from pipeline.commands.word_vectors import DISTANCES, Vectors, add_vectors
from pipeline.run.console import UserError


def add_nearest(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the vectors, the distance and the number of answers."""
    add_vectors(parser)
    parser.add_argument(
        "--distance",
        choices=DISTANCES,
        default="cosine",
        help="cosine of the exported vectors, or Euclidean distance of raw ones (default: cosine)",
    )
    parser.add_argument("--top", type=int, default=10, metavar="N", help="the number of words (default: 10)")


def nearest_answer(vectors: Vectors, question: str, found: list[tuple[str, float]]) -> Answer:
    """Return the answer to a question: the words `found`, nearest first, with their cosines or distances."""
    if not found:
        raise UserError(f"{question}: {vectors.about['model']} has no other words")
    measure = "cosine" if vectors.about["distance"] == "cosine" else "distance"
    words = [{"word": word, measure: value} for word, value in found]
    lines = table([(word, f"{value:.3f}") for word, value in found], "<>")
    return Answer({**vectors.about, "question": question, "words": words}, lines, f"{question}; {vectors.note}")
