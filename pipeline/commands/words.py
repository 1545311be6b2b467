"""Commands on word vectors: analogies and neighbours. They need no torch, and read no more vectors than they use."""

import argparse
from typing import Any, NamedTuple

from pipeline.commands.answer import Answer, table
from pipeline.commands.options import how_many
from pipeline.commands.spelling import check_known
from pipeline.commands.which import model_with_vectors, settings
from pipeline.run.console import UserError
from pipeline.vectors.exported import read_embeddings
from pipeline.vectors.questions import Question
from pipeline.vectors.scaling import parts, word_vectors
from pipeline.vectors.space import Distance, VectorSpace


class Asked(NamedTuple):
    """A model's words and vectors, and what is said of them."""

    space: VectorSpace
    about: dict[str, Any]
    note: str


def analogy(arguments: argparse.Namespace) -> Answer:
    """The words nearest to A - B + C, other than these three, as the stage analogies finds them."""
    given = [word.lower() for word in arguments.words]
    top, distance = how_many("--top", arguments.top), arguments.distance
    asked = _space(arguments, given)
    first, second, third = given
    question = Question("", second, first, third, ())  # second is to first as third is to the answer
    (ids,) = asked.space.answers([question], distance, top)
    found = zip((asked.space.words[i] for i in ids), asked.space.distances(question, ids, distance), strict=True)
    return _answer(asked, f"{first} - {second} + {third}", list(found))


def neighbours(arguments: argparse.Namespace) -> Answer:
    """The words nearest to a word."""
    word, top = arguments.words[0].lower(), how_many("--top", arguments.top)
    asked = _space(arguments, [word])
    return _answer(asked, word, asked.space.neighbours(word, top, arguments.distance))


def _space(arguments: argparse.Namespace, words: list[str]) -> Asked:
    """What the question is put to: `cosine` is of the vectors as exported, `euclidean` of those as trained."""
    params = settings(arguments.data)
    distance: Distance = arguments.distance
    name, why = model_with_vectors(arguments.data, params, arguments.model, distance)
    embeddings = read_embeddings(arguments.data / "embeddings" / name)
    scale, vectors = embeddings.scale, embeddings.vectors
    if distance == "euclidean":
        scale, vectors = "raw", word_vectors(parts(embeddings.matrices, embeddings.chosen), "raw")
    restrict = params.analogies.restrict
    space = VectorSpace(embeddings.words[:restrict], vectors[:restrict])
    whose = f"{name} (analogies.restrict)" if len(space.words) < len(embeddings.words) else name
    check_known(words, space.words, space.index, whose)
    about = {"model": name, "distance": distance, "vectors": embeddings.chosen, "scale": scale}
    kind = "input and output vectors" if embeddings.chosen == "both" else f"{embeddings.chosen} vectors"
    told = {"cosine": "cosine", "euclidean": "Euclidean distance"}[distance]
    return Asked(space, about, f"{name}: {told} of {scale} {kind}{f' ({why})' if why else ''}")


def _answer(asked: Asked, question: str, found: list[tuple[str, float]]) -> Answer:
    if not found:
        raise UserError(f"{question}: {asked.about['model']} has no other words")
    measure = "distance"
    if asked.about["distance"] == "cosine":  # told as what it is called: the greatest is the nearest
        measure, found = "cosine", [(word, 1 - far) for word, far in found]
    words = [{"word": word, measure: value} for word, value in found]
    lines = table([(word, f"{value:.3f}") for word, value in found], "<>")
    return Answer({**asked.about, "question": question, "words": words}, lines, f"{question}; {asked.note}")
