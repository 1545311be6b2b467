import numpy as np
import pytest

from pipeline.vectors.guessing import LENGTHS, PENALTY, predicted, with_guessed
from pipeline.vectors.space import VectorSpace

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
    np.testing.assert_allclose(predicted(WORDS, VECTORS, WORDS), parts @ weights, atol=1e-3)
    assert predicted(WORDS, VECTORS[:, :1], WORDS[:2]).shape == (2, 1)


@pytest.mark.parametrize("words", [["ab", "cd", "ef"], ["a", "b", "的"], ["one"]])
def test_words_that_share_nothing_predict_nothing(words: list[str]) -> None:
    np.testing.assert_array_equal(predicted(words, VECTORS[: len(words)], ["two", "one"]), np.zeros((2, 4)))


def test_an_unknown_word_gets_what_its_parts_predict() -> None:
    space = VectorSpace(WORDS, VECTORS)
    found = with_guessed(space, ["walk", "talks", "qqq", "talks", "xyz"])  # no two words share a part of qqq
    assert found.words == [*WORDS, "talks"]
    np.testing.assert_array_equal(found.vectors[:-1], VECTORS)
    np.testing.assert_array_equal(found.vectors[-1:], predicted(WORDS, VECTORS, ["talks"]))
    assert with_guessed(space, WORDS) is space
