from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.words import COUNTS
from pipeline.page.words import frequencies, section, spread_ranks


def table(counts: list[int]) -> pa.Table:
    return pa.table([[f"w{number}" for number in range(len(counts))], counts], schema=COUNTS)


@given(st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=30), min_size=1, max_size=4))
def test_ranks_and_coverage_are_those_of_the_sorted_counts(tables: list[list[int]]) -> None:
    found = frequencies(map(table, tables))
    counts = sorted((count for counts in tables for count in counts), reverse=True)
    ranks = np.arange(1, len(counts) + 1)
    assert [found.count_at(int(rank)) for rank in ranks] == counts
    np.testing.assert_allclose(found.covered(ranks), np.cumsum(counts) / sum(counts))


@pytest.mark.parametrize("distinct", [1, 2, 7, 1_000_000])
def test_ranks_of_a_curve_go_from_the_first_to_the_last(distinct: int) -> None:
    ranks = spread_ranks(distinct)
    assert ranks[0] == 1
    assert ranks[-1] == distinct
    assert (np.diff(ranks) > 0).all()


def test_shards_are_counted_together(tmp_path: Path) -> None:
    text = [["the", "the", "cat"], ["the", "dog", "dog"]]
    (tmp_path / "tokens").mkdir()
    for number, words in enumerate(text):
        counted = sorted(Counter(words).items())
        columns = list(zip(*counted, strict=True))
        pq.write_table(pa.table([*map(list, columns)], schema=COUNTS), tmp_path / f"tokens/words-{number:05}.parquet")
    found = section(tmp_path, tmp_path / "page", 2)
    assert found is not None
    assert (found["distinct"], found["once"]) == (3, 1)
    assert found["rows"] == [(2, 2, pytest.approx(5 / 6)), (3, 1, pytest.approx(1))]
    assert [path.name for path in tmp_path.iterdir()] == ["tokens"]  # no scratch is left


def test_no_counts_no_section(tmp_path: Path) -> None:
    assert section(tmp_path, tmp_path / "page", None) is None
