import numpy as np
import pytest

from pipeline.vectors.evaluation.answered import accuracies, by_section, frequent
from pipeline.vectors.evaluation.choice import in_development_half
from pipeline.vectors.evaluation.intervals import wilson
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


def test_accuracy_by_half_and_kind() -> None:
    questions = [question("x", f"c{number}", "d") for number in range(40)]
    asked = questions[:30]
    right = np.array([number % 3 == 0 or number > 26 for number in range(30)])
    kind = np.array([number < 10 for number in range(30)])
    test = np.array([not in_development_half(q) for q in asked])
    found = accuracies(questions, asked, {"cosine": right}, {"few": kind})
    numbers = [found[key] for key in ("questions", "asked", "asked_test", "asked_development", "asked_test_few")]
    assert numbers == [40, 30, test.sum(), 30 - test.sum(), (test & kind).sum()]
    assert found["questions_test"] == sum(not in_development_half(q) for q in questions)
    low, high = wilson(right[test].sum(), test.sum())
    expected = {"total": 12 / 30, "few": 0.4, "test": right[test].mean(), "development": right[~test].mean()}
    expected |= {"test_few": right[test & kind].mean(), "test_low": low, "test_high": high}
    assert found["accuracy"]["cosine"] == pytest.approx(expected)
    nothing = accuracies(questions, [], {"cosine": np.array([], bool)}, {})["accuracy"]["cosine"]
    assert nothing == {"total": 0, "development": 0, "test": 0, "test_low": 0, "test_high": 1}


def test_counts_by_section() -> None:
    questions = [question("one", "c", "d"), question("two", "c", "d"), question("one", "e", "f")]
    assert by_section(questions, questions[1:], {"cosine": np.array([False, True])}) == {
        "one": {"questions": 2, "asked": 1, "cosine": 1},
        "two": {"questions": 1, "asked": 1, "cosine": 0},
    }
