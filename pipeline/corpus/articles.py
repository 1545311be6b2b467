"""Parquet shards, the form in which text goes from stage to stage: read and written one at a time."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.run.console import UserError

# Small enough that a stage can hold a whole shard, large enough that a shard fills a core for a while.
SHARD_CHARACTERS = 8_000_000

ARTICLES = pa.schema([("page_id", pa.int64()), ("title", pa.string()), ("text", pa.string())])


def write_articles(articles: Iterable[tuple[int, str, str]], directory: Path) -> int:
    """Write (page id, title, text) rows as numbered shards; returns the number of shards."""
    rows: list[tuple[int, str, str]] = []
    shards = characters = 0
    for row in articles:
        rows.append(row)
        characters += len(row[2])
        if characters >= SHARD_CHARACTERS:
            _write_shard(rows, directory, shards)
            rows, characters, shards = [], 0, shards + 1
    if rows:
        _write_shard(rows, directory, shards)
        shards += 1
    return shards


def _write_shard(rows: list[tuple[int, str, str]], directory: Path, number: int) -> None:
    columns = [
        pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), ARTICLES, strict=True)
    ]
    table = pa.table(columns, schema=ARTICLES)
    pq.write_table(table, directory / f"part-{number:05}.parquet", compression="zstd")


def shards(directory: Path, suffix: str = ".parquet") -> Iterator[Path]:
    """The shards in `directory`, in order; raises `UserError` where there are none."""
    paths = sorted(directory.glob(f"part-*{suffix}"))
    if not paths:
        raise UserError(f"{directory}: holds no part-*{suffix}; run the stage that writes it")
    yield from paths
