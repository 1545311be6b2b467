"""Parquet shards, the form in which text goes from stage to stage: read and written one at a time."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.run.console import UserError

# Small enough that a stage can hold a whole shard, large enough that a shard fills a core for a while.
SHARD_CHARACTERS = 4_000_000

ARTICLES = pa.schema([("page_id", pa.int64()), ("title", pa.string()), ("text", pa.string())])


def write_articles(articles: Iterable[tuple[int, str, str]], directory: Path) -> int:
    """Write (page id, title, text) rows as `part-NNNNN.parquet` shards; returns their number."""
    rows: list[tuple[int, str, str]] = []
    count = characters = 0
    for row in articles:
        rows.append(row)
        characters += len(row[2])
        if characters >= SHARD_CHARACTERS:
            _write_shard(rows, directory, count)
            rows, characters, count = [], 0, count + 1
    if rows:
        _write_shard(rows, directory, count)
        count += 1
    return count


def _write_shard(rows: list[tuple[int, str, str]], directory: Path, number: int) -> None:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, ARTICLES, strict=True)]
    pq.write_table(pa.table(arrays, schema=ARTICLES), directory / f"part-{number:05}.parquet", compression="zstd")


def shards(directory: Path, pattern: str = "part-*.parquet") -> list[Path]:
    """The shards in `directory`, in order; raises `UserError` where there are none."""
    paths = sorted(directory.glob(pattern))
    if not paths:
        raise UserError(f"{directory}: holds no {pattern}; run the stage that writes it")
    return paths
