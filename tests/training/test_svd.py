import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from pipeline.run.runtime import Runtime
from pipeline.settings.vector_sections import SvdEntry
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from pipeline.training.job import Job
from pipeline.training.svd import Counting, count_pairs, count_vectors, positive_information
from tests.articles import VOCABULARY, an_article, rows


def settings(size: int = 2, window: int = 3) -> Counting:
    return Counting(size, 0.0, window)


@given(st.lists(rows, min_size=1, max_size=4), st.integers(1, 7))
def test_pairs_are_counted_as_by_hand(
    tmp_path_factory: pytest.TempPathFactory, articles: list[list[list[int]]], window: int
) -> None:
    path = tmp_path_factory.mktemp("db") / "s.db"
    build(path, (an_article(n, some, "train") for n, some in enumerate(articles)), VOCABULARY, 0.5)
    expected: Counter[tuple[int, int]] = Counter()
    for row in (row for some in articles for row in some):
        kept = [word for word in row if word != VOCABULARY.unknown]
        for i, one in enumerate(kept):
            for j, other in enumerate(kept):
                if 0 < abs(i - j) <= window:
                    expected[one, other] += (window - abs(i - j) + 1) / window  # type: ignore[assignment]
    found = count_pairs("svd", Sequences(path), settings(window=window), seed=1).toarray()
    by_hand = np.zeros_like(found)
    for pair, weight in expected.items():
        by_hand[pair] = weight
    np.testing.assert_allclose(found, by_hand, rtol=1e-5)


def test_pairs_are_counted_in_so_many_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.building.ROWS_OF_LENGTHS", 10)
    articles = (an_article(n, [[2, 3]] * 10, "train") for n in range(20))
    build(tmp_path / "s.db", articles, VOCABULARY, 0.5)
    every, some = (count_pairs("svd", Sequences(tmp_path / "s.db"), settings(), 1, words) for words in (math.inf, 100))
    assert (some.sum(), every.sum()) == (100, 400)


def test_the_information_of_a_pair_worked_out_by_hand() -> None:
    pairs = np.array([[0, 4, 1], [4, 0, 2], [1, 2, 2]], np.float32)
    information = positive_information(sparse.csr_array(pairs)).toarray()
    contexts = np.array([5, 6, 5]) ** 0.75
    share = contexts / contexts.sum()
    by_hand = np.log(np.maximum(pairs, 1e-9) / (np.array([[5], [6], [5]]) * share))
    np.testing.assert_allclose(information, np.where((pairs > 0) & (by_hand > 0), by_hand, 0), rtol=1e-5)


@pytest.mark.parametrize("size", [2, 6])
def test_words_times_contexts_give_the_information_back(tmp_path: Path, size: int) -> None:
    build(tmp_path / "s.db", [an_article(0, [[2, 3, 2, 3, 3], [4, 2]], "train")], VOCABULARY, 0.5)
    sequences = Sequences(tmp_path / "s.db")
    entry = SvdEntry(kind="svd")
    assert Counting(2)[1:] == (entry.subsample, entry.window)
    job = Job("svd", entry, 1, tmp_path / "s.db", tmp_path, Runtime(), stage="train", key="models.svd")
    inputs, outputs, figures = count_vectors(job, settings(size), sequences)
    pairs = count_pairs("svd", sequences, settings(), seed=1)
    np.testing.assert_allclose(inputs @ outputs.T, positive_information(pairs).toarray(), atol=1e-5)
    assert not np.concatenate([inputs, outputs], axis=1)[[0, 1, 4]].any()
    assert inputs.shape == outputs.shape == (5, size)  # of five words there are five directions; the others are zero
    assert figures["words_read"] == 6
