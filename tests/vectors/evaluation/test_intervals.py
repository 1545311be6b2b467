import numpy as np
import pytest

from pipeline.vectors.evaluation.intervals import fisher, pair_intervals
from pipeline.vectors.questions import Question


def questions_of(sections: int, pairs: int) -> list[Question]:
    """Every two pairs of each section make two questions."""
    places = [(s, i, j) for s in range(sections) for i in range(pairs) for j in range(pairs) if i != j]
    return [Question(f"{s}", f"{s} {i}", "b", f"{s} {j}", ("d",)) for s, i, j in places]


@pytest.mark.parametrize(("sections", "pairs"), [(1, 10), (5, 4), (14, 5)])
def test_intervals_over_word_pairs_cover_the_true_accuracy(sections: int, pairs: int) -> None:
    """The accuracy of all pairs from which those of each section are drawn; each pair is easy or hard by chance."""
    random, asked, other = np.random.default_rng(0), questions_of(sections, pairs), ~np.eye(pairs, dtype=bool)
    levels = random.normal(scale=1.5, size=(sections, 1, 1))

    def chances(number: int) -> np.ndarray:
        first, second = random.normal(scale=1.5, size=(2, sections, number))
        return np.asarray(1 / (1 + np.exp(-levels - first[:, :, None] - second[:, None])))

    true, covered = chances(500).mean(), []
    for _ in range(400):
        right = random.random((sections, pairs, pairs)) < chances(pairs)
        ((low, high),) = pair_intervals(asked, right[:, other].reshape(1, -1).astype(float))
        assert low is not None
        assert high is not None
        covered.append(low < true < high)
    assert np.mean(covered) >= 0.93


def test_equal_differences_are_certain_and_few_pairs_have_no_interval() -> None:
    asked = questions_of(2, 5)
    ((low, high),) = pair_intervals(asked, np.full((1, 40), 0.25))
    assert (low, high) == pytest.approx((0.25, 0.25))
    rare = np.zeros((1, 40))
    rare[0, :2] = 1  # one of the 40 questions' pairs alone, so that the spread reaches below 0
    assert pair_intervals(asked, rare)[0][0] == 0
    assert pair_intervals(questions_of(3, 3), np.ones((2, 18))) == [(None, None)] * 2
    assert pair_intervals([], np.ones((1, 0))) == [(None, None)]


def test_fishers_interval_by_hand() -> None:
    # arctanh(0.5) = 0.5493; the error is sqrt(1.125 / 100) = 0.1061, and 1.96 of it 0.2079.
    assert fisher(0.5, 103) == pytest.approx((np.tanh(0.3414), np.tanh(0.7572)), abs=1e-3)
    assert fisher(1, 10) == (1, 1)
    assert fisher(0.5, 3) == (-1, 1)
