import resource
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.run.errors import UserError
from pipeline.words import counting as words
from pipeline.words.counting import COUNTS, FILES_AT_ONCE, merge_counts, most_frequent
from tests.run.test_outputs import limited_files

word_counts = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 9), max_size=30)


def table_of(counts: dict[str, int]) -> pa.Table:
    words = sorted(counts)
    return pa.table([pa.array(words, pa.string()), pa.array(map(counts.get, words), pa.int64())], schema=COUNTS)


def pairs(tables: Iterator[pa.Table]) -> list[tuple[str, int]]:
    """The rows of all tables."""
    return [row for table in tables for row in zip(*table.to_pydict().values(), strict=True)]


@given(st.lists(word_counts, min_size=1, max_size=4), st.sampled_from([4, 20, 1000]))
@settings(max_examples=50)
def test_merging_shards_adds_up_every_word(
    tmp_path_factory: pytest.TempPathFactory, shards: list[dict[str, int]], rows_at_once: int
) -> None:
    directory = tmp_path_factory.mktemp("words")
    total: Counter[str] = Counter()
    for number, counts in enumerate(shards):
        total.update(counts)
        pq.write_table(table_of(counts), directory / f"words-{number:05}.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "ROWS_COUNTED", rows_at_once)
        assert pairs(merge_counts(directory)) == sorted(total.items())


def test_thousands_of_shards_need_few_files_at_once(tmp_path: Path) -> None:
    for number in range(1100):
        table = pa.table({"word": [f"w{number:05}", "zebra"], "count": [1, 2]})
        pq.write_table(table, tmp_path / f"words-{number:05}.parquet")
    open_now = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 100
    with limited_files(open_now + FILES_AT_ONCE + 16, resource.RLIMIT_NOFILE):
        merged = pairs(merge_counts(tmp_path))
    assert merged == [(f"w{number:05}", 1) for number in range(1100)] + [("zebra", 2200)]
    assert len(list(tmp_path.iterdir())) <= FILES_AT_ONCE


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    path = tmp_path / "words-00000.parquet"
    pq.write_table(table_of({f"{number:06}": 1 for number in range(20_000)}), path, compression="zstd")
    whole = path.read_bytes()
    path.write_bytes(whole[:5_000] + bytes(400) + whole[5_400:])
    with pytest.raises(UserError, match=r"words-00000\.parquet: is damaged"):
        pairs(merge_counts(tmp_path))


@given(word_counts, st.integers(1, 40), st.integers(0, 30))
def test_the_most_frequent_words_come_first_ties_break_by_word_and_counts_are_tallied(
    counts: dict[str, int], number: int, split: int
) -> None:
    table = table_of(counts)
    # In two tables, as when there are too many for one.
    frequent, histogram = most_frequent([table.slice(0, split), table.slice(split)], number)
    assert frequent == sorted(counts.items(), key=lambda word_count: (-word_count[1], word_count[0]))[:number]
    assert histogram == Counter(counts.values())
