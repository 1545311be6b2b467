"""The vectors that answer `analogy`, `neighbours`, `similarity` and `odd`."""

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.commands.run_folder import RunFolder, add_data
from pipeline.commands.spelling import check_known

if TYPE_CHECKING:
    from pipeline.vectors.space import Distance, VectorSpace

DISTANCES = {"cosine": "cosine", "euclidean": "Euclidean distance"}


def add_vectors(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the vectors."""
    add_data(parser)
    parser.add_argument(
        "--model", metavar="NAME", help="default: the best on the development half of Google's questions"
    )


class Vectors(NamedTuple):
    """A model's words and vectors, their description as data and in words, and the words that are `asked` about."""

    space: "VectorSpace"
    about: dict[str, Any]
    note: str
    asked: list[str]


def read_vectors(arguments: argparse.Namespace, words: list[str], distance: "Distance" = "cosine") -> Vectors:
    """Return the vectors that answer a question about `words`: exported ones for the cosine, else raw ones.

    Raises `UserError` if one of the words is unknown.
    """
    from pipeline.vectors.exported import read_embeddings
    from pipeline.vectors.scaling import parts, word_vectors
    from pipeline.vectors.space import VectorSpace

    run: RunFolder = arguments.data
    asked = [run.word(word) for word in words]
    name, why = run.choose_vectors(arguments.model)
    embeddings = read_embeddings(run.path / "embeddings" / name)
    scale, vectors = embeddings.scale, embeddings.vectors
    if distance == "euclidean":
        scale, vectors = "raw", word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    restrict = run.params.analogies.restrict
    space = VectorSpace(embeddings.words[:restrict], vectors[:restrict])
    restricted = " (analogies.restrict)" if len(space.words) < len(embeddings.words) else ""
    check_known(asked, space.words, f"{name}{restricted}")
    about = {"model": name, "distance": distance, "vectors": embeddings.chosen, "scale": scale}
    kind = "input and output vectors" if embeddings.chosen == "both" else f"{embeddings.chosen} vectors"
    return Vectors(space, about, f"{name}: {DISTANCES[distance]} of {scale} {kind}{why}", asked)
