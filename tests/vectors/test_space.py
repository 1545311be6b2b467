import math
from itertools import pairwise, permutations
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.vectors import space as analogy
from pipeline.vectors.questions import Question
from pipeline.vectors.scaling import unit_length
from pipeline.vectors.space import Method, VectorSpace

METHODS = get_args(Method)
SEVEN = arrays(np.float32, (7, 3), elements=st.floats(-4, 4, width=16))
WORDS = [*"abcdefg"]


def best(words: list[str], vectors: np.ndarray, question: Question, method: Method, number: int = 1) -> list[str]:
    (ids,) = VectorSpace(words, vectors).answers([question], method, number)
    return [words[i] for i in ids]


def test_methods_may_give_different_answers() -> None:
    # a, b and c stand at right angles: b - a + c = (1, -1, 1).
    words = ["a", "b", "c", "level", "turned", "near"]
    vectors = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [6, -3, 6], [3, -6, 3], [1, 0, 1]], np.float32)
    question = Question("", "a", "b", "c", ("level",))
    # cos(b), cos(a), cos(c) of "level" are 2/3, -1/3, 2/3, in all 1.667; of "turned" 0.408, -0.816, 0.408: 1.633.
    assert best(words, vectors, question, "cosine", 3) == ["level", "turned", "near"]
    distances = {"near": 1, "turned": math.sqrt(33), "level": math.sqrt(54)}
    assert dict(VectorSpace(words, vectors).nearest(question, "euclidean", 3)) == pytest.approx(distances)


@pytest.mark.parametrize("method", METHODS)
def test_the_given_words_are_no_answers_and_of_equals_the_more_frequent_is_first(method: Method) -> None:
    words, vectors = ["a", "b", "c", "far"], np.array([[1, 0], [1, 0.1], [1, 0.2], [-5, 9]], np.float32)
    question = Question("", "a", "b", "c", ("far",))
    assert best(words, vectors, question, method, 5) == ["far"]
    assert best(words[:3], vectors[:3], question, method, 5) == []
    assert VectorSpace(words, vectors).answers([], method, 5).shape == (0, 1)
    assert best(WORDS[:5], np.ones((5, 2)), Question("", "c", "b", "a", ("d",)), method, 2) == ["d", "e"]


def formula(vectors: np.ndarray, method: Method) -> np.ndarray:
    """How good each word is as the answer to 0 : 1 = 2 : ?, straight from the papers, in double precision."""
    every = vectors.astype(float)
    if method == "euclidean":
        return np.asarray(-np.linalg.norm(every - (every[1] - every[0] + every[2]), axis=1))
    cosines = unit_length(every) @ unit_length(every).T
    return np.asarray(cosines[2] if method == "third" else cosines[1] - cosines[0] + cosines[2])


@pytest.mark.parametrize("method", METHODS)
@given(vectors=SEVEN)
def test_answers_are_those_of_the_formula(method: Method, vectors: np.ndarray) -> None:
    ids = VectorSpace(WORDS, vectors).answers([Question("", "a", "b", "c", ("d",))], method, 4)[0]
    scores = formula(vectors, method)
    assert sorted(ids) == [3, 4, 5, 6]
    # Best first, where single precision can tell.
    assert all(scores[one] >= scores[other] - 1e-3 * (1 + abs(scores[one])) for one, other in pairwise(ids))


@pytest.mark.parametrize("method", METHODS)
def test_blocks_change_nothing(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    space = VectorSpace(WORDS, np.random.default_rng(0).normal(size=(7, 5)))
    questions = [Question("", *each, ("a",)) for each in permutations(WORDS, 3)]
    at_once = space.answers(questions, method, 3)
    monkeypatch.setattr(analogy, "SCORES_AT_ONCE", 4 * len(WORDS))
    np.testing.assert_array_equal(space.answers(questions, method, 3), at_once)


def test_a_question_needs_its_three_words_and_one_answer() -> None:
    space, question = VectorSpace(WORDS, np.eye(7)), Question("", "a", "b", "c", ("x", "d"))
    assert space.missing(question) == []
    assert space.missing(question._replace(a="y", answers=("x", "z"))) == ["y", "x or z"]
