"""What `analogy`, `neighbours` and `similarity` share: the vectors that answer, and the nearest words."""

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.languages.language import DEFAULT
from pipeline.run.errors import UserError
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data, from_here
from wikilm.given import check_known
from wikilm.packed import find_packed, is_path, read_packed, shipped
from wikilm.run import Run

if TYPE_CHECKING:
    from pipeline.vectors.space import Distance, VectorSpace

FEW_WORDS = 5_000  # of which Google's analogies find few of theirs
DISTANCES = {"cosine": "cosine", "euclidean": "Euclidean distance"}


def add_vectors(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the vectors."""
    add_data(parser)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--model", metavar="NAME", help="the model (default: the best on the development half of Google's questions)"
    )
    choice.add_argument(
        "--vectors",
        type=lambda given: from_here(given) if not given or is_path(given) else given,
        metavar="NAME",
        help="ask vectors that come with wikilm, or a file of `wikilm pack`; needs no run",
    )


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


class AskedVectors(NamedTuple):
    """Words and vectors, their description as data and in words, and the words that are `asked` about."""

    space: "VectorSpace"
    about: dict[str, Any]
    note: str
    asked: list[str]
    hint: str = ""  # ends a note or an error if they are of another text than the run's, or of few words


def read_vectors(arguments: argparse.Namespace, words: list[str], distance: "Distance" = "cosine") -> AskedVectors:
    """Return the vectors that answer a question about `words`: packed ones, or those of a run's model.

    Raises `UserError` if one of the words is unknown.
    """
    if arguments.vectors is not None:
        found = packed_vectors(arguments.vectors, words, distance)
    else:
        found = model_vectors(arguments.data, arguments.model, words, distance)
    check_known(found.asked, found.space.words, found.about["model"], found.hint)
    return found._replace(note=found.note + found.hint)


def packed_vectors(given: str, words: list[str], distance: "Distance") -> AskedVectors:
    """Return the vectors that `--vectors` names."""
    from pipeline.vectors.questions import spell
    from pipeline.vectors.scaling import unit_length
    from pipeline.vectors.space import VectorSpace

    if distance == "euclidean":
        raise UserError("--distance euclidean needs the raw vectors of a run; leave out --vectors")
    header, known, vectors = read_packed(find_packed(given))
    space = VectorSpace(known, unit_length(vectors))
    asked = [spell("_".join(word.split()), space.index) for word in words]
    about = {"model": header.name, "distance": distance}
    about |= {key: getattr(header, key) for key in ("vectors", "scale", "source", "licence")}
    return AskedVectors(space, about, f"{header.name}, {DISTANCES[distance]}", asked)


def model_vectors(run: Run, model: str | None, words: list[str], distance: "Distance") -> AskedVectors:
    """Return the vectors of a model, by default the best one: exported vectors for the cosine, else raw ones."""
    from pipeline.vectors.exported import read_embeddings
    from pipeline.vectors.scaling import parts, word_vectors
    from pipeline.vectors.space import VectorSpace

    asked = [run.word(word) for word in words]
    name, why = run.choose_vectors(model)
    embeddings = read_embeddings(run.path / "embeddings" / name)
    scale, vectors = embeddings.scale, embeddings.vectors
    if distance == "euclidean":
        scale, vectors = "raw", word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    about = {"model": name, "distance": distance, "vectors": embeddings.chosen, "scale": scale}
    note = f"{name}{why}, {DISTANCES[distance]}"
    hint = run.stale(name) or few_words(run, len(embeddings.words))
    return AskedVectors(VectorSpace(embeddings.words, vectors), about, note, asked, hint and f"; {hint}")


def few_words(run: Run, words: int) -> str:
    """Return which vectors to ask instead of a run's of few words, if its text is English, as theirs; else nothing."""
    if words >= FEW_WORDS or not (run.wiki and run.wiki.language == DEFAULT and shipped()):
        return ""
    return f"with {words:,} words it answers little; --vectors {next(iter(shipped()))} knows more"


def nearest_answer(vectors: AskedVectors, question: str, found: list[tuple[str, float]]) -> Answer:
    """Return the answer to a question: the words `found`, nearest first, with their cosines or distances."""
    if not found:
        raise UserError(f"{question}: {vectors.about['model']} has no other words")
    measure = "cosine" if vectors.about["distance"] == "cosine" else "distance"
    words = [{"word": word, measure: value} for word, value in found]
    lines = table([(word, f"{value:.3f}") for word, value in found], "<>")
    return Answer({**vectors.about, "question": question, "words": words}, lines, vectors.note)
