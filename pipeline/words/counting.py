"""Counting the words of training articles: of a shard, merged; the most frequent ones, how many occur how often."""

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.run.errors import reading
from pipeline.store.vocabulary import UNKNOWN_MARK
from pipeline.words.layout import read_shard, shards, words_path
from pipeline.words.splits import Splits

COUNTS = pa.schema([("word", pa.string()), ("count", pa.int64())])
FILES_AT_ONCE = 32
ROWS_COUNTED = 250_000  # of all files together


def count_training(shard: Path, splits: Splits) -> tuple[pa.Table, int, int]:
    """Return the words of a shard's training articles with their counts (`COUNTS`), by code point, without UNKNOWN's.

    Also returns the number of rows and of words, UNKNOWN's too, of these articles.
    """
    articles, words = read_shard(shard, "page_id", "sequences"), read_shard(words_path(shard), "word")
    rows = articles["sequences"].filter(pa.array(splits.training(shard, articles))).combine_chunks().flatten()
    counts = np.bincount(rows.flatten(), minlength=len(words))
    known = pc.and_(pa.array(counts > 0), pc.not_equal(words["word"], UNKNOWN_MARK))
    return pa.table([words["word"], counts], schema=COUNTS).filter(known), len(rows), int(counts.sum())


def merge_counts(folder: Path) -> Iterator[pa.Table]:
    """Yield tables of every word of the shards of counts in a folder with its total count (`COUNTS`), by code point.

    At most `FILES_AT_ONCE` files are open, with about `ROWS_COUNTED` of their rows in memory: more shards are first
    merged into files that replace them.
    """
    paths = shards(folder, "words")
    while len(paths) > FILES_AT_ONCE:
        some, paths = paths[:FILES_AT_ONCE], paths[FILES_AT_ONCE:]
        paths.append(folder / f"merged-{len(paths)}.parquet")
        with pq.ParquetWriter(paths[-1], COUNTS) as writer:
            for table in _merge(some):
                writer.write(table, row_group_size=ROWS_COUNTED // FILES_AT_ONCE)
        for path in some:
            path.unlink()
    yield from _merge(paths)


def _merge(paths: Sequence[Path]) -> Iterator[pa.Table]:
    rows = ROWS_COUNTED // len(paths)
    shards = [_Shard(_batches(path, rows), rows) for path in paths]
    while shards := [shard for shard in shards if shard.fill()]:
        # Every shard's rows are in memory up to the least of the last words in memory.
        bound = min(shard.table["word"][-1].as_py() for shard in shards)
        some = pa.concat_tables([shard.take_to(bound) for shard in shards])
        yield some.group_by("word").aggregate([("count", "sum")]).rename_columns(COUNTS.names).sort_by("word")


def _batches(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    with reading(path), pq.ParquetFile(path, pre_buffer=False) as file:
        yield from file.iter_batches(rows)


class _Shard:
    """The counts of one shard, read a batch at a time."""

    def __init__(self, batches: Iterator[pa.RecordBatch], rows: int) -> None:
        self.batches, self.rows = batches, rows
        self.table = COUNTS.empty_table()

    def fill(self) -> bool:
        """Read more if less than half of the rows are left; return whether there are any."""
        while len(self.table) <= self.rows // 2 and (batch := next(self.batches, None)) is not None:
            self.table = pa.concat_tables([self.table, pa.Table.from_batches([batch], COUNTS)])
        return len(self.table) > 0

    def take_to(self, word: str) -> pa.Table:
        """Remove the rows up to `word` and return them."""
        cut = bisect.bisect_right(self.table["word"], word, key=lambda scalar: scalar.as_py())
        taken, self.table = self.table.slice(0, cut), self.table.slice(cut)
        return taken


def most_frequent(counts: Iterable[pa.Table], number: int) -> tuple[list[tuple[str, int]], Counter[int]]:
    """Return the `number` most frequent words, ties broken by word, and how many words have each count."""
    frequent, histogram = COUNTS.empty_table(), Counter[int]()
    for table in counts:
        values, words = np.unique(table["count"].to_numpy(), return_counts=True)
        histogram.update(dict(zip(values.tolist(), words.tolist(), strict=True)))
        if len(frequent) == number:  # words are in order, so a later one with the least count loses the tie
            table = table.filter(pc.greater(table["count"], frequent["count"][-1]))
        by_count = pa.concat_tables([frequent, table]).sort_by([("count", "descending"), ("word", "ascending")])
        frequent = by_count.slice(0, number)
    return list(zip(frequent["word"].to_pylist(), frequent["count"].to_pylist(), strict=True)), histogram
