import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.targets import read_targets
from pipeline.store.building import build
from pipeline.store.sequences import Sequences
from tests.articles import VOCABULARY, an_article

rows = st.lists(st.lists(st.integers(2, 4), max_size=5), min_size=1, max_size=5)


@given(st.lists(rows, min_size=1, max_size=5))
def test_the_places_are_each_rows_words_and_its_end(
    tmp_path_factory: pytest.TempPathFactory, articles: list[list[list[int]]]
) -> None:
    path = tmp_path_factory.mktemp("db") / "s.db"
    build(path, (an_article(n, rows, "test") for n, rows in enumerate(articles)), VOCABULARY, 1.0)
    targets = read_targets(Sequences(path), "test")
    assert targets.ids.tolist() == [id for rows in articles for row in rows for id in (*row, 1)]
    assert targets.counted.all()
    sizes = [sum(len(row) + 1 for row in rows) for rows in articles]
    assert targets.by_article(np.ones(len(targets.ids))).tolist() == sizes
