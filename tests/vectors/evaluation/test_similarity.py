from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from pipeline.run.errors import UserError
from pipeline.vectors.evaluation.intervals import fisher
from pipeline.vectors.evaluation.similarity import OF_GENSIM, Pair, rank_correlation, read_pairs, shipped_pairs
from pipeline.vectors.space import VectorSpace


@pytest.mark.parametrize("number", range(len(OF_GENSIM)))
def test_spearman_is_gensims_over_the_known_pairs(number: int) -> None:
    name, pairs, malformed = shipped_pairs()[number]
    assert (name, len(pairs), malformed) == [("WordSim-353", 353, []), ("SimLex-999", 999, [])][number]
    words = sorted({word for pair in pairs for word in (pair.one, pair.other)})[::3]
    vectors = np.random.default_rng(0).normal(size=(len(words), 5)).astype(np.float32)
    keyed = KeyedVectors(5)
    keyed.add_vectors(words, vectors)
    _, (rho, _), unknown = keyed.evaluate_word_pairs(datapath(OF_GENSIM[name]))
    found = rank_correlation(VectorSpace(words, vectors), name, pairs)
    assert found.spearman == pytest.approx(rho, abs=1e-4)
    assert (found.low, found.high) == fisher(found.spearman, found.known)
    assert found.known / found.pairs == pytest.approx(1 - unknown / 100)
    assert 10 < found.known < found.pairs


def test_what_has_no_correlation_has_0() -> None:
    several = [Pair("a", other, judged) for judged, other in enumerate("bcd")]
    few = [Pair("a", "b", 1), Pair("x", "c", 2), Pair("c", "y", 3), Pair("c", "d", 3)]
    alike = [pair._replace(judged=1) for pair in several]
    for vectors, pairs, known in ((np.ones((4, 2)), several, 3), (np.eye(4) + 0.1, alike, 3), (np.eye(4), few, 2)):
        found = rank_correlation(VectorSpace([*"abcd"], vectors), "few", pairs)
        counts = {"pairs": len(pairs), "known": known}
        assert found.model_dump() == {"name": "few", **counts, "spearman": 0, "low": -1, "high": 1}


@pytest.mark.parametrize(
    "content",
    [
        "old\tNew\t1.5\r\n\n# a comment\nice cream\tsnow\t2\nhot cold\t\nsmart,clever,9\none\ttwo\tmany\n",
        "old New 1.5\nice cream\tsnow\t2\nhot cold\nsmart,clever,9\none two nan\n",
    ],
)
def test_a_file_of_pairs_and_its_malformed_lines(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.tsv"
    path.write_text(content, encoding="utf-8")
    found = read_pairs(path, {"New", "old"})
    assert (found.name, found.pairs) == ("x", [Pair("old", "New", 1.5), Pair("ice cream", "snow", 2)])
    assert len(found.malformed) == 3
    assert ": found 'hot cold'; expected two words and a number" in found.malformed[0]
    assert read_pairs(path).pairs[0] == Pair("old", "new", 1.5)
    path.write_text("one\t\t1\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"x.tsv: holds no pair of words; .*line 1: found .*; correct or remove"):
        read_pairs(path)
