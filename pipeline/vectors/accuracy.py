"""How many of Google's analogy questions vectors answer right: the figures that a learning curve or a table needs."""

from collections.abc import Sequence

import numpy as np

from pipeline.vectors.questions import SYNTACTIC_PREFIX, Question, google_questions
from pipeline.vectors.scaling import word_vectors
from pipeline.vectors.space import VectorSpace


def google_accuracy(words: Sequence[str], *matrices: np.ndarray) -> dict[str, float]:
    """Google's questions by 3CosAdd on centred vectors (words, dimensions), `words` most frequent first.

    Of several `matrices`, a model's input and output vectors, the centred ones are laid side by side.
    Returns `questions`, how many were `asked` (the vocabulary has all their words) and the shares of these
    answered right: `total`, `semantic`, `syntactic`; 0 where none was asked. START, END and UNKNOWN are no
    words: leave them out.
    """
    google = google_questions()
    space = VectorSpace(words, word_vectors(matrices, "centred"))
    asked = [question for question in google if not space.missing(question)]
    answered = right(space, asked, space.answers(asked, "cosine"))
    return {"questions": len(google), "asked": len(asked), **shares(asked, answered)}


def right(space: VectorSpace, questions: Sequence[Question], answers: np.ndarray) -> np.ndarray:
    """Whether a right answer to each question is among its `answers` (questions, number), word ids: (questions,)."""
    found = (any(space.words[i] in q.answers for i in ids) for q, ids in zip(questions, answers, strict=True))
    return np.array(list(found), bool)


def shares(questions: Sequence[Question], answered: np.ndarray) -> dict[str, float]:
    """The share of `questions` that were `answered` right (questions,), in all and of each kind; 0 of none."""
    chosen = {"total": np.ones(len(questions), bool), **kinds(questions)}
    return {kind: float(answered[which].mean()) if which.any() else 0.0 for kind, which in chosen.items()}


def kinds(questions: Sequence[Question]) -> dict[str, np.ndarray]:
    """Which of the `questions` are `semantic` and which `syntactic`, each (questions,)."""
    syntactic = np.array([question.section.startswith(SYNTACTIC_PREFIX) for question in questions], bool)
    return {"semantic": ~syntactic, "syntactic": syntactic}
