from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.run.console import UserError
from pipeline.text.counting import COUNTS, read_histogram, tallied, write_histogram


def table(counts: list[int]) -> pa.Table:
    return pa.table([[f"w{number}" for number in range(len(counts))], counts], schema=COUNTS)


@given(st.lists(st.lists(st.integers(1, 50), max_size=30), max_size=4).filter(any))
def test_tables_pass_unchanged_and_their_words_are_counted_by_count(
    tmp_path_factory: pytest.TempPathFactory, counts: list[list[int]]
) -> None:
    tables, histogram = list(map(table, counts)), Counter[int]()
    assert list(tallied(tables, histogram)) == tables
    assert histogram == Counter(count for each in counts for count in each)
    path = tmp_path_factory.mktemp("counts") / "word_counts.tsv"
    write_histogram(path, histogram)
    found = read_histogram(path)
    assert found == histogram
    assert list(found) == sorted(found, reverse=True)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is no table of counts"),
        ("id\tword\tcount\n0\tSTART\t9\n", "is no table of counts"),
        ("count\twords\n", "is damaged"),
        ("count\twords\n3\n", "is damaged"),
    ],
)
def test_another_file_is_told_apart(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "word_counts.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=f"word_counts.tsv: {problem}.*; run `dvc repro .*vocabulary`"):
        read_histogram(path)
