"""The vocabulary: counting words across shards, choosing the most frequent, numbering them."""

import bisect
import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.run.console import UserError

START, END = 0, 1  # UNKNOWN is the last id of a vocabulary
# Words are lower-cased, so these collide with none.
START_WORD, END_WORD, UNKNOWN_WORD = "START", "END", "UNKNOWN"
HEADER = "id\tword\tcount"
COUNTS = pa.schema([("word", pa.string()), ("count", pa.int64())])
FILES_AT_ONCE = 32
ROWS_AT_ONCE = 1_000_000  # of all files together, some 50 MB

WordCount = tuple[str, int]


def merge_counts(paths: Sequence[Path], scratch: Path) -> Iterator[pa.Table]:
    """Every word of all shards with its total count (`word`, `count`), by code point, a table at a time.

    Never more than `FILES_AT_ONCE` files are open, with about `ROWS_AT_ONCE` of their rows in memory: more shards
    are merged into files in the folder `scratch` first.
    """
    paths = list(paths)
    for number in itertools.count():
        if len(paths) <= FILES_AT_ONCE:
            break
        some, paths = paths[:FILES_AT_ONCE], paths[FILES_AT_ONCE:]
        paths.append(scratch / f"merged-{number}.parquet")
        with pq.ParquetWriter(paths[-1], COUNTS) as writer:
            for table in _merge(some):
                writer.write(table, row_group_size=ROWS_AT_ONCE // FILES_AT_ONCE)
        for path in some:
            if path.parent == scratch:
                path.unlink()
    yield from _merge(paths)


def _merge(paths: Sequence[Path]) -> Iterator[pa.Table]:
    with contextlib.ExitStack() as stack:
        rows = ROWS_AT_ONCE // len(paths)
        files = [stack.enter_context(pq.ParquetFile(path, pre_buffer=False)) for path in paths]
        shards = [_Shard(file.iter_batches(rows), rows) for file in files]
        while shards := [shard for shard in shards if shard.fill()]:
            # Up to the least of the words at which a shard's rows in memory end, every shard's rows are in memory.
            bound = min(shard.last for shard in shards)
            some = pa.concat_tables([shard.take_to(bound) for shard in shards])
            yield some.group_by("word").aggregate([("count", "sum")]).rename_columns(COUNTS.names).sort_by("word")


class _Shard:
    """The counts of one shard, read a batch at a time."""

    def __init__(self, batches: Iterator[pa.RecordBatch], rows: int) -> None:
        self.batches, self.rows = batches, rows
        self.table = COUNTS.empty_table()

    def fill(self) -> bool:
        """Read on where less than half of the rows are left; False where none are."""
        while len(self.table) <= self.rows // 2 and (batch := next(self.batches, None)) is not None:
            self.table = pa.concat_tables([self.table, pa.Table.from_batches([batch], COUNTS)])
        return len(self.table) > 0

    @property
    def last(self) -> str:
        """The last word in memory."""
        return cast(str, self.table["word"][-1].as_py())

    def take_to(self, word: str) -> pa.Table:
        """The rows up to `word`, which leave this shard."""
        cut = bisect.bisect_right(self.table["word"], word, key=lambda scalar: scalar.as_py())
        taken, self.table = self.table.slice(0, cut), self.table.slice(cut)
        return taken


def most_frequent(counts: Iterable[pa.Table], number: int) -> tuple[list[WordCount], int]:
    """The `number` most frequent words, ties broken by word, and how many distinct words there were."""
    frequent, distinct = COUNTS.empty_table(), 0
    for table in counts:
        distinct += len(table)
        if len(frequent) == number:  # words come in order, so one of the least count so far is too late
            table = table.filter(pc.greater(table["count"], frequent["count"][-1]))
        by_count = pa.concat_tables([frequent, table]).sort_by([("count", "descending"), ("word", "ascending")])
        frequent = by_count.slice(0, number)
    return list(zip(frequent["word"].to_pylist(), frequent["count"].to_pylist(), strict=True)), distinct


def remap(words: pa.StringArray, vocabulary: list[str]) -> np.ndarray:
    """The id in `vocabulary` of each of a shard's `words`; UNKNOWN's for a word that it lacks.

    The result is the book's old-to-new mapping as an array: `new = remap[old]`. Its type is the
    narrowest that holds every id, uint16 or uint32.
    """
    unknown = len(vocabulary) - 1
    ids = pc.fill_null(pc.index_in(words, value_set=pa.array(vocabulary[2:-1], pa.string())), unknown - 2)
    new: np.ndarray = ids.to_numpy(zero_copy_only=False).astype(id_type(len(vocabulary)))
    return new + np.uint16(2)  # START and END come before the words


def id_type(vocabulary_size: int) -> np.dtype[np.unsignedinteger]:
    """Little-endian unsigned integers, 2 bytes wide while the vocabulary allows, else 4."""
    return np.dtype("<u2" if vocabulary_size <= 2**16 else "<u4")


def write_vocabulary(path: Path, vocabulary: list[WordCount]) -> None:
    """Write `vocabulary` in id order as tab-separated id, word, count."""
    lines = [HEADER, *(f"{id}\t{word}\t{count}" for id, (word, count) in enumerate(vocabulary))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_vocabulary(path: Path) -> list[WordCount]:
    """What `write_vocabulary` wrote; raises `UserError` where the file is something else."""
    # Not splitlines(): a word may hold a character that it takes for the end of a line.
    header, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if header != HEADER:
        raise UserError(f"{path}: is no vocabulary: its first line is not {HEADER!r}")
    return [(word, int(count)) for _, word, count in (line.split("\t") for line in lines)]
