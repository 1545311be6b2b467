import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from pipeline.evaluation.similarity import SETS, Pair, judged_pairs, rank_correlation
from pipeline.vectors.space import VectorSpace


@pytest.mark.parametrize("name", SETS)
def test_spearman_is_gensims(name: str) -> None:
    pairs = list(judged_pairs(name))
    words = sorted({word for pair in pairs for word in (pair.one, pair.other)})[::3]
    vectors = np.random.default_rng(0).normal(size=(len(words), 5)).astype(np.float32)
    keyed = KeyedVectors(5)
    keyed.add_vectors(words, vectors)
    _, (rho, p), unknown = keyed.evaluate_word_pairs(datapath(SETS[name]))
    found = rank_correlation(VectorSpace(words, vectors), pairs)
    assert found["spearman"] == pytest.approx(rho, abs=1e-4)
    assert found["p"] == pytest.approx(p, abs=1e-2)
    assert found["known"] / found["pairs"] == pytest.approx(1 - unknown / 100)
    assert 10 < found["known"] < found["pairs"]


def test_the_sets_are_whole() -> None:
    assert len(list(judged_pairs("wordsim353"))) == 353
    assert len(list(judged_pairs("simlex999"))) == 999
    assert next(judged_pairs("simlex999")) == Pair("old", "new", 1.58)


def test_by_hand() -> None:
    # From east, the cosines of the others are 1, 0.6, 0 and -1: the order of the judgements but for two.
    space = VectorSpace(["east", "also", "near", "north", "west"], np.array([[1, 0], [2, 0], [3, 4], [0, 1], [-1, 0]]))
    pairs = [Pair("east", other, judged) for other, judged in {"also": 9, "near": 3, "north": 5, "west": 1}.items()]
    found = rank_correlation(space, [*pairs, Pair("east", "south", 0.5)])
    assert found["spearman"] == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert (found["pairs"], found["known"]) == (5, 4)


@pytest.mark.parametrize("vectors", [[[1, 0]] * 4, [[0, 0]] * 4])
def test_vectors_that_rank_nothing(vectors: list[list[float]]) -> None:
    space = VectorSpace([*"abcd"], np.array(vectors))
    pairs = [Pair("a", other, judged) for judged, other in enumerate("bcd")]
    assert rank_correlation(space, pairs) == {"pairs": 3, "known": 3, "spearman": 0, "p": 1}


def test_too_few_pairs_are_known() -> None:
    space = VectorSpace(["a", "b"], np.eye(2))
    assert rank_correlation(space, [Pair("a", "b", 1), Pair("a", "c", 2)])["spearman"] == 0
    assert rank_correlation(space, [Pair("x", "y", 1)]) == {"pairs": 1, "known": 0, "spearman": 0, "p": 1}
