"""The accuracy of word vectors on analogy questions."""

from collections.abc import Sequence

import numpy as np

from pipeline.vectors.questions import SYNTACTIC_PREFIX, Question, google_questions
from pipeline.vectors.space import Method, VectorSpace


def google_accuracy(words: Sequence[str], vectors: np.ndarray) -> dict[str, float]:
    """Return the accuracy of 3CosAdd on Google's questions, with these vectors (words, dimensions).

    `words` are sorted from frequent to rare, without START, END and UNKNOWN. The keys are `questions`, `asked` (the
    number whose words are all known) and the accuracy on these: `total`, `semantic` and `syntactic`, 0 if none was
    asked.
    """
    google = google_questions(set(words))
    space = VectorSpace(words, vectors)
    asked = [question for question in google if not space.missing(question)]
    answered = right_by("cosine", space, asked)
    by_kind = {kind: share(answered[which]) for kind, which in kinds(asked).items()}
    return {"questions": len(google), "asked": len(asked), "total": share(answered), **by_kind}


def right(space: VectorSpace, questions: Sequence[Question], answers: np.ndarray) -> np.ndarray:
    """Return which questions have a right answer among their `answers`, word ids (questions, number)."""
    found = (any(space.words[i] in q.answers for i in ids) for q, ids in zip(questions, answers, strict=True))
    return np.array(list(found), bool)


def right_by(method: Method, space: VectorSpace, questions: Sequence[Question]) -> np.ndarray:
    """Return which questions a method answers right, (questions,)."""
    return right(space, questions, space.answers(questions, method))


def share(answered: np.ndarray) -> float:
    """Return the share of questions that are `answered` right (questions,); 0 without questions."""
    return float(answered.mean()) if len(answered) else 0.0


def kinds(questions: Sequence[Question]) -> dict[str, np.ndarray]:
    """Return which questions are `semantic` and which are `syntactic`, each (questions,)."""
    syntactic = np.array([question.section.startswith(SYNTACTIC_PREFIX) for question in questions], bool)
    return {"semantic": ~syntactic, "syntactic": syntactic}
