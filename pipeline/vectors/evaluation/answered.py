"""Counts of right answers to a set's questions: by method, by half, by kind of question and by section."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.records.analogies import Answered
from pipeline.vectors.accuracy import share
from pipeline.vectors.evaluation.choice import half_of
from pipeline.vectors.evaluation.intervals import pair_intervals
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace

BEST = 5  # answers that are shown

BOUNDS = "test_low", "test_high", "lead_low", "lead_high"
Masks = dict[str, np.ndarray]  # by name, masks of the questions asked: (questions,)


def _parts(asked: Sequence[Question], kinds: Masks) -> Masks:
    """Return which questions are in each half, of each kind, and of each kind in the test half; `total` has all."""
    halves = [half_of(question) for question in asked]
    test = np.array([half == "test" for half in halves], bool)
    return {
        "total": np.ones(len(asked), bool),
        **kinds,
        "development": np.array([half == "development" for half in halves], bool),
        "test": test,
        **{f"test_{kind}": chosen & test for kind, chosen in kinds.items()},
    }


def by_part(questions: Sequence[Question], asked: Sequence[Question], found: Masks, kinds: Masks) -> dict[str, Any]:
    """Return the numbers of `questions` and of questions `asked`, and the accuracy by figure and part, or 0.

    `found` says, by figure, which of the asked questions are answered right; `kinds` has the mask of each kind.
    `test_low` and `test_high` are the ends of the interval of `test`, `lead_low` and `lead_high` those of the paired
    difference, `cosine` less the figure; None with too few word pairs.
    """
    chosen = _parts(asked, kinds)
    test = [question for question, in_test in zip(asked, chosen["test"], strict=True) if in_test]
    right = np.array([answered[chosen["test"]] for answered in found.values()], float)
    intervals = pair_intervals(test, np.vstack([right, right[:1] - right]))  # of one drawing of the pairs
    return {
        "questions": len(questions),
        "questions_test": sum(half_of(question) == "test" for question in questions),
        "asked": len(asked),
        **{f"asked_{part}": int(which.sum()) for part, which in chosen.items() if part != "total"},
        "accuracy": {
            figure: {part: share(answered[which]) for part, which in chosen.items()}
            | dict(zip(BOUNDS, (*own, *lead), strict=True))
            for (figure, answered), own, lead in zip(
                found.items(), intervals[: len(found)], intervals[len(found) :], strict=True
            )
        },
    }


def by_section(
    questions: Iterable[Question], asked: Sequence[Question], found: Mapping[str, np.ndarray]
) -> dict[str, dict[str, int]]:
    """Return, for each section, the numbers of questions, of questions asked, and of right answers by figure."""
    sections: dict[str, dict[str, int]] = {}
    for question in questions:
        nothing = dict.fromkeys(("questions", "asked", *found), 0)
        sections.setdefault(question.section, nothing)["questions"] += 1
    for place, question in enumerate(asked):
        own = sections[question.section]
        own["asked"] += 1
        for figure, answered in found.items():
            own[figure] += int(answered[place])
    return sections


def answers(space: VectorSpace, asked: Sequence[Question]) -> dict[str, list[Answered]]:
    """Return the questions `asked` by section, each with its five best answers by cosine, best first."""
    sections: dict[str, list[Answered]] = {}
    for question, ids in zip(asked, space.answers(asked, "cosine", BEST), strict=True):
        a, b, c = question.given
        top5 = [space.words[i] for i in ids]
        right = top5[0] in question.answers
        answered = Answered(a=a, b=b, c=c, expected=question.expected, top5=top5, right=right)
        sections.setdefault(question.section, []).append(answered)
    return sections


def marked(answers: Mapping[str, Sequence[Answered]]) -> tuple[list[Question], np.ndarray]:
    """Return the questions of `answers` by section, and which are right, (1, questions)."""
    questions = [Question(section, q.a, q.b, q.c, ()) for section, found in answers.items() for q in found]
    return questions, np.array([[q.right for found in answers.values() for q in found]], float)
