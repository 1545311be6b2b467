"""Trivial rules that answer analogies, with which vectors are compared: vectors that answer no more know nothing."""

from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

import numpy as np

from pipeline.vectors.accuracy import right_by
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace


def by_rules(space: VectorSpace, asked: Sequence[Question]) -> dict[str, np.ndarray]:
    """Return which questions each of the `TRIVIAL` rules answers right, (questions,)."""
    affixes = [with_affix(*question.given) for question in asked]
    right = [word in q.answers and word in space.index for word, q in zip(affixes, asked, strict=True)]
    return {
        "frequent": frequent(space, asked),
        "third": right_by("third", space, asked),
        "affixes": np.array(right, bool),
    }


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


def with_affix(a: str, b: str, c: str) -> str | None:
    """Return `c` with the suffix, or else the prefix, in which `b` differs from `a`; None if `c` does not fit.

    walk, walked, jump: jumped; aware, unaware, clear: unclear.
    """
    stem, end = _shared(a, b), _shared(a[::-1], b[::-1])
    if stem >= end:
        return c.removesuffix(a[stem:]) + b[stem:] if stem and c.endswith(a[stem:]) else None
    old, new = a[: len(a) - end], b[: len(b) - end]
    return new + c.removeprefix(old) if c.startswith(old) else None


def _shared(one: str, other: str) -> int:
    """Return the number of characters that two words have in common at their beginnings."""
    same = (own == its for own, its in zip(one, other, strict=False))
    return len([*takewhile(bool, same)])
