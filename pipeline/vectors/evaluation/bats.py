"""BATS, the Bigger Analogy Test Set (Gladkova, Drozd and Matsuoka 2016)."""

from collections.abc import Container, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from pipeline.run.errors import UserError
from pipeline.vectors.questions import Question, read_items, spell

RELATION_FORMAT = "a word, a tab, and right answers separated by /"
MOST_PAIRS = 200  # of a relation, which has 50: every two pairs give two questions


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

    Raises `UserError` if no line is a pair, or too many are.
    """

    def parse(line: str) -> list[WordPair] | None:
        fields = line.split()
        answers = tuple(dict.fromkeys(filter(None, fields[-1].split("/"))))
        return [WordPair(fields[0], answers)] if len(fields) == 2 and answers else None

    pairs, malformed = read_items(path, parse, "pair of words", RELATION_FORMAT)
    if len(pairs) > MOST_PAIRS:
        raise UserError(f"{path}: has {len(pairs):,} pairs, more than {MOST_PAIRS}; split it, by kind")
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
