"""The vocabulary: counting words across shards, choosing the most frequent, numbering them."""

import heapq
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

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
ROWS_AT_ONCE = 10_000

WordCount = tuple[str, int]


def merge_counts(paths: Sequence[Path]) -> Iterator[WordCount]:
    """Every word of all shards with its total count, by code point.

    Never more than `FILES_AT_ONCE` files are open, with `ROWS_AT_ONCE` rows of each in memory: more shards are
    merged into temporary files first.
    """
    with tempfile.TemporaryDirectory() as scratch:
        paths = list(paths)
        for number in itertools.count():
            if len(paths) <= FILES_AT_ONCE:
                break
            some, paths = paths[:FILES_AT_ONCE], paths[FILES_AT_ONCE:]
            paths.append(Path(scratch) / f"merged-{number}.parquet")
            _write_counts(paths[-1], _merge(some))
        yield from _merge(paths)


def _merge(paths: Sequence[Path]) -> Iterator[WordCount]:
    merged = heapq.merge(*map(_read_counts, paths), key=itemgetter(0))
    for word, group in itertools.groupby(merged, key=itemgetter(0)):
        yield word, sum(count for _, count in group)


def _write_counts(path: Path, counts: Iterator[WordCount]) -> None:
    with pq.ParquetWriter(path, COUNTS) as writer:
        while rows := list(itertools.islice(counts, ROWS_AT_ONCE)):
            words, numbers = zip(*rows, strict=True)
            writer.write(pa.table([pa.array(words), pa.array(numbers)], schema=COUNTS))


def _read_counts(path: Path) -> Iterator[WordCount]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE):
            yield from zip(batch["word"].to_pylist(), batch["count"].to_pylist(), strict=True)


def most_frequent(counts: Iterable[WordCount], number: int) -> tuple[list[WordCount], int]:
    """The `number` most frequent words, ties broken by word, and how many distinct words there were."""
    seen = itertools.count()
    watched = (word_count for word_count, _ in zip(counts, seen, strict=False))
    frequent = heapq.nsmallest(number, watched, key=lambda word_count: (-word_count[1], word_count[0]))
    return frequent, next(seen)


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
