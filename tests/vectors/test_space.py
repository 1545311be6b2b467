import math
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.vectors import space as analogy
from pipeline.vectors.questions import Question
from pipeline.vectors.scaling import unit_length
from pipeline.vectors.space import EPSILON, NEAREST, Method, VectorSpace

# The first axis is royal, the second female: the textbook's picture.
WORDS = ["king", "queen", "man", "woman", "land"]
VECTORS = np.array([[1, 0.1], [1, 1], [0.1, 0.1], [0.1, 1], [0.5, -1]], np.float32)
KING = Question("book", "man", "king", "woman", ("queen",))
METHODS = get_args(Method)
SEVEN = arrays(np.float32, (7, 3), elements=st.floats(-4, 4, width=16))


def best(words: list[str], vectors: np.ndarray, question: Question, method: Method, number: int = 1) -> list[str]:
    (ids,) = VectorSpace(words, vectors).answers([question], method, number)
    return [words[i] for i in ids]


@pytest.mark.parametrize("method", ["cosine", "cosine_mul", "euclidean"])
def test_king_minus_man_plus_woman(method: Method) -> None:
    assert best(WORDS, VECTORS, KING, method) == ["queen"]


def test_methods_may_give_different_answers() -> None:
    # a, b and c stand at right angles: b - a + c = (1, -1, 1).
    words = ["a", "b", "c", "level", "turned", "near"]
    vectors = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [6, -3, 6], [3, -6, 3], [1, 0, 1]], np.float32)
    question = Question("", "a", "b", "c", ("level",))
    # cos(b), cos(a), cos(c) of "level" are 2/3, -1/3, 2/3, in all 1.667; of "turned" 0.408, -0.816, 0.408: 1.633.
    assert best(words, vectors, question, "cosine", 3) == ["level", "turned", "near"]
    # Moved to 0 ... 1 and multiplied: 0.833 * 0.833 / 0.334 = 2.08 and 0.704 * 0.704 / 0.093 = 5.34.
    assert best(words, vectors, question, "cosine_mul", 3) == ["turned", "level", "near"]
    # b - a = (1, -1, 0). From c, "level" at unit length is (2, -1, -1) / 3, which makes a cosine of 3 / 12^0.5 = 0.866
    # with it; "turned" is (0.408, -0.816, -0.592), 0.796; "near" is (0.707, 0, -0.293), 0.653.
    assert best(words, vectors, question, "pair_direction", 3) == ["level", "turned", "near"]
    # From (1, -1, 1) it is 1 to "near", 7.35 to "level" and 5.74 to "turned".
    assert best(words, vectors, question, "euclidean", 3) == ["near", "turned", "level"]
    space = VectorSpace(words, vectors)
    distances = {"near": 1, "turned": math.sqrt(33), "level": math.sqrt(54)}
    assert dict(space.nearest(question, "euclidean", 3)) == pytest.approx(distances)
    cosines = {"level": 5 / 27**0.5, "turned": 12 / 162**0.5, "near": 2 / 6**0.5}
    assert dict(space.nearest(question, "cosine", 3)) == pytest.approx(cosines)


@pytest.mark.parametrize("method", METHODS)
def test_the_three_given_words_are_no_answers(method: Method) -> None:
    words = ["a", "b", "c", "far"]
    vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [-5, 9]], np.float32)
    question = Question("", "a", "b", "c", ("far",))
    assert best(words, vectors, question, method, 5) == ["far"]
    assert best(words[:3], vectors[:3], question, method, 5) == []


@pytest.mark.parametrize("method", METHODS)
def test_of_equals_the_more_frequent_word_is_first(method: Method) -> None:
    words, vectors = ["a", "b", "c", "one", "two"], np.ones((5, 2), np.float32)
    assert best(words, vectors, Question("", "c", "b", "a", ("one",)), method, 2) == ["one", "two"]


def formula(vectors: np.ndarray, method: Method) -> np.ndarray:
    """How good each word is as the answer to 0 : 1 = 2 : ?, straight from the papers, in double precision."""
    a, b, c = vectors[:3].astype(float)
    every = vectors.astype(float)
    if method == "euclidean":
        return np.asarray(-np.linalg.norm(every - (b - a + c), axis=1))
    cosines = unit_length(every) @ unit_length(every).T
    if method == "cosine":
        return np.asarray(cosines[1] - cosines[0] + cosines[2])
    if method == "pair_direction":
        unit = unit_length(every)
        offsets = unit - unit[2]
        return np.asarray(offsets @ (unit[1] - unit[0]) / np.linalg.norm(offsets, axis=1).clip(NEAREST**0.5))
    moved = (1 + cosines) / 2
    scores: np.ndarray = moved[1] * moved[2] / (moved[0] + EPSILON)
    return scores


@pytest.mark.parametrize("method", METHODS)
@given(vectors=SEVEN)
def test_answers_are_those_of_the_formula(method: Method, vectors: np.ndarray) -> None:
    words = [*"abcdefg"]
    ids = VectorSpace(words, vectors).answers([Question("", "a", "b", "c", ("d",))], method, 4)[0]
    scores = formula(vectors, method)
    assert sorted(ids) == [3, 4, 5, 6]
    # Best first, where single precision can tell.
    assert all(scores[one] >= scores[other] - 1e-3 * (1 + abs(scores[one])) for one, other in pairwise(ids))


@given(vectors=SEVEN)
def test_cosine_is_gensims_most_similar(vectors: np.ndarray) -> None:
    assume((np.linalg.norm(vectors, axis=1) > 0.1).all())
    words = [*"abcdefg"]
    keyed = KeyedVectors(3)
    keyed.add_vectors(words, vectors)
    space = VectorSpace(words, vectors)
    question = Question("", "a", "b", "c", ("d",))
    assume(np.linalg.norm(space.unit[1] - space.unit[0] + space.unit[2]) > 0.1)
    theirs = keyed.most_similar(positive=["b", "c"], negative=["a"], topn=4)
    ours = space.nearest(question, "cosine", 4)
    np.testing.assert_allclose([cosine for _, cosine in ours], [cosine for _, cosine in theirs], atol=1e-4)


def test_cosine_mul_is_gensims_most_similar_cosmul() -> None:
    words = [f"w{number}" for number in range(60)]
    vectors = np.random.default_rng(0).normal(size=(60, 12)).astype(np.float32)
    keyed = KeyedVectors(12)
    keyed.add_vectors(words, vectors)
    agree = 0
    for start in range(57):
        a, b, c = words[start : start + 3]
        (theirs, _), *_ = keyed.most_similar_cosmul(positive=[b, c], negative=[a], topn=1)
        agree += best(words, vectors, Question("", a, b, c, ("",)), "cosine_mul") == [theirs]
    assert agree >= 56  # gensim divides by cos(a) + 0.000001


@pytest.mark.parametrize("method", METHODS)
def test_blocks_change_nothing(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"w{number}" for number in range(40)]
    vectors = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    questions = [Question("", words[i % 40], words[3 * i % 40], words[7 * i % 40], ("w0",)) for i in range(90)]
    at_once = VectorSpace(words, vectors).answers(questions, method, 5)
    monkeypatch.setattr(analogy, "SCORES_AT_ONCE", 7 * 40)
    np.testing.assert_array_equal(VectorSpace(words, vectors).answers(questions, method, 5), at_once)


def test_a_question_needs_its_three_words_and_one_answer() -> None:
    space = VectorSpace(WORDS, VECTORS)
    assert space.missing(KING) == []
    assert space.missing(KING._replace(answers=("empress", "queen"))) == []
    assert space.missing(KING._replace(a="boy", answers=("empress", "tsarina"))) == ["boy", "empress or tsarina"]


@pytest.mark.parametrize("method", METHODS)
def test_no_question_has_no_answers(method: Method) -> None:
    assert VectorSpace(WORDS, VECTORS).answers([], method, 5).shape == (0, 2)


@given(SEVEN)
def test_neighbours_are_the_nearest_by_cosine(vectors: np.ndarray) -> None:
    words = [*"abcdefg"]
    found = VectorSpace(words, vectors).neighbours("a", 4)
    unit = unit_length(vectors.astype(float))
    expected = sorted(unit[1:] @ unit[0], reverse=True)[:4]
    np.testing.assert_allclose([cosine for _, cosine in found], expected, atol=1e-5)
    assert "a" not in dict(found)
