"""The words of a model nearest to a question, for `analogy` and `neighbours`."""

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.commands.answer import Answer, table
from pipeline.commands.run_folder import RunFolder, add_data
from pipeline.commands.spelling import check_known
from pipeline.run.console import UserError

if TYPE_CHECKING:
    from pipeline.vectors.space import VectorSpace

DISTANCES = {"cosine": "cosine", "euclidean": "Euclidean distance"}


def add_vectors(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the vectors and the number of answers."""
    add_data(parser)
    parser.add_argument(
        "--model", metavar="NAME", help="default: the best on the development half of Google's questions"
    )
    parser.add_argument(
        "--distance",
        choices=DISTANCES,
        default="cosine",
        help="cosine of the exported vectors, or Euclidean distance of raw ones (default: cosine)",
    )
    parser.add_argument("--top", type=int, default=10, metavar="N", help="how many words (default: 10)")


class Vectors(NamedTuple):
    """A model's words and vectors, and their description as data and in words."""

    space: "VectorSpace"
    about: dict[str, Any]
    note: str


def read_vectors(arguments: argparse.Namespace, words: list[str]) -> Vectors:
    """Return the vectors that answer a question about `words`: exported ones for the cosine, else raw ones.

    Raises `UserError` if one of the words is unknown.
    """
    from pipeline.vectors.exported import read_embeddings
    from pipeline.vectors.scaling import parts, word_vectors
    from pipeline.vectors.space import VectorSpace

    run: RunFolder = arguments.data
    name, why = run.choose_vectors(arguments.model)
    embeddings = read_embeddings(run.path / "embeddings" / name)
    scale, vectors = embeddings.scale, embeddings.vectors
    if arguments.distance == "euclidean":
        scale, vectors = "raw", word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    restrict = run.params.analogies.restrict
    space = VectorSpace(embeddings.words[:restrict], vectors[:restrict])
    restricted = " (analogies.restrict)" if len(space.words) < len(embeddings.words) else ""
    check_known(words, space.words, f"{name}{restricted}")
    about = {"model": name, "distance": arguments.distance, "vectors": embeddings.chosen, "scale": scale}
    kind = "input and output vectors" if embeddings.chosen == "both" else f"{embeddings.chosen} vectors"
    return Vectors(space, about, f"{name}: {DISTANCES[arguments.distance]} of {scale} {kind}{why}")


def nearest_answer(vectors: Vectors, question: str, found: list[tuple[str, float]]) -> Answer:
    """Return the answer to a question: the words `found`, nearest first, with their distances."""
    if not found:
        raise UserError(f"{question}: {vectors.about['model']} has no other words")
    measure = "distance"
    if vectors.about["distance"] == "cosine":
        measure, found = "cosine", [(word, 1 - distance) for word, distance in found]
    words = [{"word": word, measure: value} for word, value in found]
    lines = table([(word, f"{value:.3f}") for word, value in found], "<>")
    return Answer({**vectors.about, "question": question, "words": words}, lines, f"{question}; {vectors.note}")
