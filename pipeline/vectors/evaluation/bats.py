"""BATS, the Bigger Analogy Test Set (Gladkova, Drozd and Matsuoka 2016)."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.vectors.evaluation.set_files import nothing_in
from pipeline.vectors.questions import Question, line_found, read_lines, spell

FORMAT = "expected a word, a tab, and right answers separated by /"


class WordPair(NamedTuple):
    """A word and the right answers; the first one is the usual."""

    word: str
    answers: tuple[str, ...]


def read_bats(folder: Path, paths: Sequence[Path], known: Container[str] = ()) -> tuple[list[Question], list[str]]:
    """Return the questions of the relations at `paths` in `folder`, and a message for each malformed line.

    A question's section is its relation's path in the folder: `1_Inflectional_morphology/I01 [noun - plural_reg]`.
    Words that are not `known` as written are in lower case.
    """
    questions: list[Question] = []
    malformed: list[str] = []
    for path in paths:
        pairs, bad = read_relation(path)
        malformed += bad
        questions += combine(path.relative_to(folder).with_suffix("").as_posix(), pairs, known)
    return questions, malformed


def read_relation(path: Path) -> tuple[list[WordPair], list[str]]:
    """Return the pairs of a relation, one on each line, and a message for each malformed line.

    Raises `UserError` if no line is a pair.
    """
    pairs, malformed = [], []
    for number, line in enumerate(read_lines(path), start=1):
        fields = line.split()
        answers = tuple(dict.fromkeys(filter(None, fields[-1].split("/")))) if len(fields) == 2 else ()
        if answers:
            pairs.append(WordPair(fields[0], answers))
        elif fields:
            malformed.append(f"{line_found(path, number, line)}; {FORMAT}")
    if not pairs:
        raise nothing_in(path, "pair of words", malformed)
    return pairs, malformed


def combine(section: str, pairs: Sequence[WordPair], known: Container[str] = ()) -> Iterator[Question]:
    """Yield a question for every two different pairs in both orders: 2,450 for 50 pairs.

    `a` and `b` are the first pair's word and its first answer, `c` and the right answers are the second pair's. Given
    words are never answers, so they are removed from the right answers; if none remains, there is no question.
    """
    for one, other in permutations(pairs, 2):
        given = one.word, one.answers[0], other.word
        lower = {word.lower() for word in given}
        if answers := tuple(spell(word, known) for word in other.answers if word.lower() not in lower):
            a, b, c = (spell(word, known) for word in given)
            yield Question(section, a, b, c, answers)


def by_category(questions: Iterable[Question], asked: Sequence[Question]) -> dict[str, np.ndarray]:
    """Return a mask (asked,) for each category of the `questions`: which of the questions `asked` belong to it.

    A relation's category is its folder; a relation without a folder has none.
    """
    found = sorted({question.section.rpartition("/")[0] for question in questions} - {""})
    return {name: np.array([q.section.startswith(f"{name}/") for q in asked], bool) for name in found}
