"""Answering analogies and finding neighbours by Euclidean or cosine distance."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from pipeline.vectors.questions import Question

Distance = Literal["cosine", "euclidean"]
DISTANCES: tuple[Distance, ...] = ("cosine", "euclidean")
QUESTIONS_AT_ONCE = 1024  # bounds the table of distances to this many rows


class Answer(NamedTuple):
    """The word found for a question, and its distance from b - a + c."""

    question: Question
    word: str
    distance: float


class VectorSpace:
    """Words and their vectors under a distance.

    Under `cosine` vectors are scaled to unit length first, so that b - a + c is the 3CosAdd of Levy and
    Goldberg (2014) and of gensim; under `euclidean` they are taken as they are, as in the book.
    """

    def __init__(self, words: Sequence[str], vectors: np.ndarray, distance: Distance) -> None:
        self.words = words
        self.index = {word: i for i, word in enumerate(words)}
        self.distance = distance
        self.vectors = unit_length(vectors) if distance == "cosine" else vectors

    def distances(self, targets: np.ndarray) -> np.ndarray:
        """From each of the n `targets` (n, dimensions) to every word: (n, words)."""
        if self.distance == "cosine":
            cosines: np.ndarray = unit_length(targets) @ self.vectors.T
            return 1 - cosines
        squares = np.square(targets).sum(axis=1, keepdims=True) + np.square(self.vectors).sum(axis=1)
        distances: np.ndarray = np.sqrt(np.maximum(squares - 2 * targets @ self.vectors.T, 0))
        return distances

    def knows(self, question: Question) -> bool:
        """Whether the vocabulary has all four words."""
        return all(word in self.index for word in question[1:])

    def answer(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """The word nearest to b - a + c other than a, b and c, for each question that is known."""
        for start in range(0, len(questions), QUESTIONS_AT_ONCE):
            block = questions[start : start + QUESTIONS_AT_ONCE]
            given = np.array([[self.index[word] for word in (q.a, q.b, q.c)] for q in block])
            a, b, c = (self.vectors[column] for column in given.T)
            distances = self.distances(b - a + c)
            np.put_along_axis(distances, given, np.inf, axis=1)
            nearest = distances.argmin(axis=1)
            for question, best, row in zip(block, nearest, distances, strict=True):
                yield Answer(question, self.words[best], float(row[best]))

    def neighbours(self, word: str, number: int) -> list[tuple[str, float]]:
        """The `number` words nearest to `word`, nearest first, with their distances."""
        own = self.index[word]
        distances = self.distances(self.vectors[[own]])[0]
        distances[own] = np.inf
        order = np.argsort(distances, kind="stable")[: min(number, len(self.words) - 1)]
        return [(self.words[i], float(distances[i])) for i in order]


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Each row scaled to length 1; a row of zeros stays."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms == 0, 1, norms)
