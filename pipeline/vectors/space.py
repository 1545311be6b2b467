"""Answering analogies and finding neighbours."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from pipeline.vectors.questions import Question
from pipeline.vectors.scaling import unit_length

Distance = Literal["cosine", "euclidean"]
Method = Literal["cosine", "euclidean", "third"]
SCORES_AT_ONCE = 2**21  # questions x words: bounds the memory, and fits the processor's cache


class VectorSpace:
    """Words, most frequent first, and their vectors (words, dimensions); distances are of the `raw` ones, if given.

    The answer to a question is the best word by one of these methods, except the three given words:

    - `cosine`: greatest cos(b) - cos(a) + cos(c), the 3CosAdd of Levy and Goldberg, "Linguistic Regularities in
      Sparse and Explicit Word Representations" (2014), and of gensim, on vectors of unit length.
    - `euclidean`: least distance from b - a + c, on unscaled vectors, as in the book.
    - `third`: greatest cos(c), a trivial rule.
    """

    def __init__(self, words: Sequence[str], vectors: np.ndarray, raw: np.ndarray | None = None) -> None:
        self.words = words
        self.index = {word: i for i, word in enumerate(words)}
        self.raw = np.asarray(vectors if raw is None else raw, np.float32)
        self.unit = unit_length(np.asarray(vectors, np.float32))
        self._half_squares = np.square(self.raw).sum(axis=1) / 2

    def missing(self, question: Question) -> list[str]:
        """Return the words that the vocabulary lacks: the three given ones and a right answer are needed."""
        lacking = [word for word in question.given if word not in self.index]
        return lacking if any(word in self.index for word in question.answers) else [*lacking, question.expected]

    def answers(self, questions: Sequence[Question], method: Method, number: int = 1) -> np.ndarray:
        """Return the ids of the `number` best answers to each question, best first: (questions, number).

        Of equally good answers the more frequent is first. There are fewer columns if there are fewer words.
        """
        given = np.array([[self.index[word] for word in question.given] for question in questions], int).reshape(-1, 3)
        best = np.empty((len(given), max(0, min(number, len(self.words) - 3))), int)
        at_once = max(1, SCORES_AT_ONCE // len(self.words))
        for start in range(0, len(given), at_once):
            block = given[start : start + at_once]
            scores = self._scores(block, method)
            np.put_along_axis(scores, block, -np.inf, axis=1)
            for column in best[start : start + at_once].T:
                column[:] = scores.argmax(axis=1)
                scores[np.arange(len(block)), column] = -np.inf
        return best

    def _scores(self, given: np.ndarray, method: Method) -> np.ndarray:
        """Return the score of every word as an answer, (questions, words), from the ids of a, b, c (questions, 3)."""
        # Questions share words, so each word's products with all words are computed once.
        asked, places = np.unique(given, return_inverse=True)
        a, b, c = places.reshape(given.shape).T
        vectors = self.raw if method == "euclidean" else self.unit
        products = vectors[asked] @ vectors.T
        if method == "third":
            return np.asarray(products[c])
        scores: np.ndarray = products[b]
        scores += products[c]
        scores -= products[a]
        if method == "euclidean":  # minus half the squared distance, without the term that all words share
            scores -= self._half_squares
        return scores

    def nearest(self, question: Question, distance: Distance, number: int) -> list[tuple[str, float]]:
        """Return the `number` best answers, best first, with their cosines with b - a + c, or Euclidean distances."""
        (ids,) = self.answers([question], distance, number)
        vectors = self.unit if distance == "cosine" else self.raw
        a, b, c = (vectors[self.index[word]].astype(float) for word in question.given)
        target, found = b - a + c, vectors[ids].astype(float)
        if distance == "cosine":
            values = found @ unit_length(target[None])[0]
        else:
            values = np.linalg.norm(found - target, axis=1)
        return [(self.words[i], float(value)) for i, value in zip(ids, values, strict=True)]

    def neighbours(self, word: str, number: int, distance: Distance = "cosine") -> list[tuple[str, float]]:
        """Return the `number` words nearest to `word`, nearest first, with their cosines, or Euclidean distances."""
        own = self.index[word]
        if distance == "cosine":
            values = self.unit @ self.unit[own]
            far = -values
        else:
            far = values = np.linalg.norm(self.raw - self.raw[own], axis=1)
        order = np.argsort(far, kind="stable")
        return [(self.words[i], float(values[i])) for i in order[order != own][:number]]
