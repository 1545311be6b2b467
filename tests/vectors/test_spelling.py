import numpy as np
import pytest

from pipeline.vectors.space import VectorSpace
from pipeline.vectors.spelling import LENGTHS, PENALTY, predicted, spelled, with_guessed

WORDS = ["walk", "walking", "walked", "talk", "talking", "talked", "xyz", "königlich", "könig"]
VECTORS = np.random.default_rng(0).standard_normal((len(WORDS), 4)).astype(np.float32)


def parts_of(word: str) -> set[str]:
    padded = f" {word} "
    found = {padded[at : at + n] for n in range(LENGTHS[0], LENGTHS[1] + 1) for at in range(len(padded) - n + 1)}
    return found | ({padded} if len(padded) < LENGTHS[0] else set())


def test_the_prediction_is_a_ridge_regression_on_the_parts_that_words_share() -> None:
    shared = sorted(
        {part for part in set().union(*map(parts_of, WORDS)) if sum(part in parts_of(w) for w in WORDS) > 1}
    )
    parts = np.array([[part in parts_of(word) for part in shared] for word in WORDS], float)
    parts /= np.maximum(np.linalg.norm(parts, axis=1, keepdims=True), 1)
    weights = np.linalg.solve(parts.T @ parts + PENALTY * np.eye(len(shared)), parts.T @ VECTORS)
    np.testing.assert_allclose(predicted(WORDS, VECTORS), parts @ weights, atol=1e-3)


def test_a_word_of_no_shared_part_keeps_its_vector_and_all_have_unit_length() -> None:
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    found = spelled(WORDS, unit)
    np.testing.assert_allclose(found[WORDS.index("xyz")], unit[WORDS.index("xyz")], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    expected = unit + predicted(WORDS, unit)
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("words", [["ab", "cd", "ef"], ["a", "b", "的"], ["one"]])
def test_words_that_share_nothing_predict_nothing(words: list[str]) -> None:
    vectors = VECTORS[: len(words)]
    np.testing.assert_array_equal(predicted(words, vectors), np.zeros_like(vectors))


def test_related_words_come_nearer() -> None:
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    before, after = unit @ unit.T, spelled(WORDS, unit) @ spelled(WORDS, unit).T
    walk, walking = WORDS.index("walk"), WORDS.index("walking")
    assert after[walk, walking] > before[walk, walking]
    assert spelled(WORDS, unit[:, :1]).shape == (len(WORDS), 1)


def test_an_unknown_word_gets_what_its_parts_predict() -> None:
    np.testing.assert_allclose(predicted(WORDS, VECTORS, WORDS[:2]), predicted(WORDS, VECTORS)[:2], atol=1e-6)
    assert predicted(["one"], VECTORS[:1], ["two", "three"]).shape == (2, 4)
    space = VectorSpace(WORDS, VECTORS)
    found = with_guessed(space, ["walk", "talks", "qqq", "talks", "xyz"])  # no two words share a part of qqq
    assert found.words == [*WORDS, "talks"]
    np.testing.assert_array_equal(found.vectors[:-1], VECTORS)
    np.testing.assert_array_equal(found.vectors[-1:], predicted(WORDS, VECTORS, ["talks"]))
    assert with_guessed(space, WORDS) is space
