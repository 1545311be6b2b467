from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath
from scipy.stats import spearmanr

from pipeline.run.errors import UserError
from pipeline.vectors.evaluation.intervals import fisher
from pipeline.vectors.evaluation.similarity import (
    SHIPPED,
    Pair,
    PairSet,
    rank_correlation,
    rate_pairs,
    read_pairs,
    shipped_pairs,
)
from pipeline.vectors.space import VectorSpace

NOTHING = {"spearman": 0, "p": 1, "low": -1, "high": 1}


@pytest.mark.parametrize("name", SHIPPED)
def test_spearman_is_gensims(name: str) -> None:
    pairs = next(each.pairs for each in shipped_pairs() if each.name == name)
    words = sorted({word for pair in pairs for word in (pair.one, pair.other)})[::3]
    vectors = np.random.default_rng(0).normal(size=(len(words), 5)).astype(np.float32)
    keyed = KeyedVectors(5)
    keyed.add_vectors(words, vectors)
    _, (rho, p), unknown = keyed.evaluate_word_pairs(datapath(SHIPPED[name]))
    found = rank_correlation(VectorSpace(words, vectors), pairs)
    assert found["spearman"] == pytest.approx(rho, abs=1e-4)
    assert found["p"] == pytest.approx(p, abs=1e-2)
    assert found["known"] / found["pairs"] == pytest.approx(1 - unknown / 100)
    assert 10 < found["known"] < found["pairs"]


def test_the_sets_are_whole() -> None:
    wordsim, simlex = shipped_pairs()
    assert (len(wordsim.pairs), len(simlex.pairs)) == (353, 999)
    assert simlex.pairs[0] == Pair("old", "new", 1.58)
    assert wordsim.malformed == simlex.malformed == []


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
    assert rank_correlation(space, pairs) == NOTHING | {"pairs": 3, "known": 3}


def test_too_few_pairs_are_known() -> None:
    space = VectorSpace(["a", "b"], np.eye(2))
    assert rank_correlation(space, [Pair("a", "b", 1), Pair("a", "c", 2)])["spearman"] == 0
    assert rank_correlation(space, [Pair("x", "y", 1)]) == NOTHING | {"pairs": 1, "known": 0}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.txt", "old\tNew\t1.5\r\n\n# a comment\nice cream\tsnow\t2\nhot cold\t\nsmart,clever,9\none\ttwo\tmany\n"),
        ("x.tsv", "old New 1.5\nice cream\tsnow\t2\nhot cold\nsmart,clever,9\none two nan\n"),
        ("x.csv", ",word1,word2,similarity\n0,old,New,1.5\n1,ice cream,snow,2\n2,hot,cold,\n,,\n4,one,two,inf\n"),
    ],
)
def test_a_file_of_pairs_and_its_malformed_lines(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    found = read_pairs(path, {"New", "old"})
    assert found.name == "x"
    assert found.pairs == [Pair("old", "New", 1.5), Pair("ice cream", "snow", 2)]
    assert len(found.malformed) == 3
    assert found.malformed[0].startswith(f"{path}, line ")
    assert ": found 'hot cold'; expected two words and a number" in found.malformed[0]
    assert read_pairs(path).pairs[0] == Pair("old", "new", 1.5)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "x.txt",
            "one two\n",
            "holds no pair of words; .*line 1: found 'one two'; expected two words and a number; correct",
        ),
        ("x.csv", "a,b,c\none,two,3\n", "line 1 has no column word1; expected the columns word1, word2, similarity"),
        ("x.txt", "", "holds no pair of words; correct or remove the file"),
    ],
)
def test_a_file_without_pairs_is_an_error(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=f"{name}: {message}"):
        read_pairs(tmp_path / name)


def test_the_interval_is_fishers_over_the_known_pairs() -> None:
    random = np.random.default_rng(0)
    space = VectorSpace([f"w{number}" for number in range(40)], random.normal(size=(40, 5)))
    pairs = [Pair(f"w{i}", f"w{(7 * i + 1) % 40}", float(judged)) for i, judged in enumerate(random.normal(size=40))]
    found = rank_correlation(space, [*pairs, Pair("w0", "x", 1)])
    cosines = [space.unit[i] @ space.unit[(7 * i + 1) % 40] for i in range(40)]
    expected = spearmanr([pair.judged for pair in pairs], cosines)
    assert (found["spearman"], found["p"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert (found["low"], found["high"]) == fisher(found["spearman"], 40)


def test_a_set_that_repeats_another_ones_pairs_is_marked() -> None:
    pairs = [Pair("a", "b", 1), Pair("b", "c", 2), Pair("c", "a", 3)]
    turned = [Pair("C", "B", 2), Pair("b", "a", 9)]
    every = {"part": turned, "whole": pairs, "again": pairs, "apart": [*turned, Pair("a", "d", 1)]}
    sets = [PairSet(name, found, []) for name, found in every.items()]
    rated = list(rate_pairs(VectorSpace([*"abc"], np.eye(3)), sets))
    assert {found["name"]: found["part_of"] for found in rated} == {
        "part": "whole", "whole": None, "again": "whole", "apart": None
    }  # fmt: skip
