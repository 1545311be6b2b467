"""Counts of right answers to a set's questions: by method, by half, by kind of question and by section."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from pipeline.vectors.accuracy import share
from pipeline.vectors.evaluation.choice import in_development_half
from pipeline.vectors.evaluation.intervals import wilson
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace

BEST = 5  # answers that are shown, and count in the figure `cosine_top5`
EXAMPLES = 3  # that are shown of a kind

Example = TypeVar("Example")
Marks = dict[str, np.ndarray]  # by name, masks of the questions asked: (questions,)


def _parts(asked: Sequence[Question], kinds: Marks) -> Marks:
    """Return which questions are in each half, of each kind, and of each kind in the test half; `total` has all."""
    development = np.array([in_development_half(question) for question in asked], bool)
    return {
        "total": np.ones(len(asked), bool),
        **kinds,
        "development": development,
        "test": ~development,
        **{f"test_{kind}": chosen & ~development for kind, chosen in kinds.items()},
    }


def accuracies(questions: Sequence[Question], asked: Sequence[Question], found: Marks, kinds: Marks) -> dict[str, Any]:
    """Return the numbers of `questions` and of questions `asked`, and the accuracy by figure and part, or 0.

    `found` says, by figure, which of the asked questions are answered right; `kinds` has the mask of each kind.
    `test_low` and `test_high` are the ends of the interval of `test`, by `wilson`.
    """
    chosen = _parts(asked, kinds)
    return {
        "questions": len(questions),
        "questions_test": sum(not in_development_half(question) for question in questions),
        "asked": len(asked),
        **{f"asked_{part}": int(which.sum()) for part, which in chosen.items() if part != "total"},
        "accuracy": {figure: _by_part(answered, chosen) for figure, answered in found.items()},
    }


def _by_part(answered: np.ndarray, chosen: Marks) -> dict[str, float]:
    shares = {part: share(answered[which]) for part, which in chosen.items()}
    low, high = wilson(int(answered[chosen["test"]].sum()), int(chosen["test"].sum()))
    return {**shares, "test_low": low, "test_high": high}


def spread(examples: Sequence[Example], number: int = EXAMPLES) -> Sequence[Example]:
    """Return some of the examples, evenly from all: neighbouring questions are about the same words."""
    return examples[:: max(1, len(examples) // number)][:number]


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


def answers(space: VectorSpace, asked: Sequence[Question]) -> dict[str, list[dict[str, Any]]]:
    """Return the questions `asked` by section, each with its five best answers by cosine, best first."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for question, ids in zip(asked, space.answers(asked, "cosine", BEST), strict=True):
        a, b, c = question.given
        top5 = [space.words[i] for i in ids]
        row = {"a": a, "b": b, "c": c, "expected": question.expected, "top5": top5}
        sections.setdefault(question.section, []).append({**row, "right": top5[0] in question.answers})
    return sections


def frequent(space: VectorSpace, asked: Sequence[Question]) -> np.ndarray:
    """Return which questions are answered right by always guessing the section's most frequent answer, (questions,).

    This is the word that is right for most of the section's questions, excluding the given words. Ties are broken by
    frequency in the text.
    """
    counts: dict[str, Counter[int]] = {}
    for question in asked:
        known = (space.index[word] for word in question.answers if word in space.index)
        counts.setdefault(question.section, Counter()).update(known)
    ordered = {section: sorted(count, key=lambda i: (-count[i], i)) for section, count in counts.items()}
    hits = []
    for question in asked:
        guess = next((word for i in ordered[question.section] if (word := space.words[i]) not in question.given), None)
        hits.append(guess in question.answers)
    return np.array(hits, bool)
