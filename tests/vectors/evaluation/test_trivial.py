import numpy as np
import pytest

from pipeline.vectors.evaluation.trivial import by_rules, frequent, with_affix
from pipeline.vectors.questions import Question
from pipeline.vectors.space import VectorSpace


def question(section: str, c: str, *answers: str) -> Question:
    return Question(section, "a", "b", c, answers)


def test_the_most_frequent_answer_is_the_one_that_is_right_most_often() -> None:
    space = VectorSpace([*"abcdefg"], np.ones((7, 2)))
    asked = [
        question("one", "c", "f"),  # f is right three times, e twice, d once
        question("one", "d", "f", "e"),
        question("one", "f", "e"),  # f is given, so e is guessed
        question("one", "g", "x", "d"),
        question("one", "e", "f"),
        question("two", "c", "g"),  # g and e are right once: the more frequent word, e, is guessed
        question("two", "d", "e"),
    ]
    assert frequent(space, asked).tolist() == [True, True, True, False, True, False, True]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("walk walked jump", "jumped"),
        ("dancing danced decreasing", "decreased"),
        ("aware unaware clear", "unclear"),
        ("possible impossible logical", "imlogical"),
        ("dancing danced sit", None),
        ("clear unclear a", "una"),
        ("athens greece berlin", None),
        ("reheat heat heat", None),
    ],
)
def test_the_third_word_gets_the_affix_in_which_the_second_differs_from_the_first(
    given: str, expected: str | None
) -> None:
    assert with_affix(*given.split()) == expected


def test_rules_answer_with_words_of_the_vocabulary_alone() -> None:
    space = VectorSpace(["walk", "walked", "jump", "jumped", "sing"], np.eye(5) + 0.1)
    asked = [Question("", "walk", "walked", *rest) for rest in (("jump", ("jumped",)), ("sing", ("singed", "jump")))]
    assert by_rules(space, asked)["affixes"].tolist() == [True, False]
