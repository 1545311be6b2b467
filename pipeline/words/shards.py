"""Articles as Parquet shards, written one at a time."""

import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.words.layout import shard_path

# Small enough for a stage to hold a whole shard, large enough to keep a core busy for a while.
SHARD_CHARACTERS = 4_000_000

# Control codes are no prose, and a terminal would obey them. In XML few can stand; in JSON and Parquet, all.
IN_TITLES = re.compile("[\x00-\x1f\x7f-\x9f]")
IN_TEXTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tabs and newlines
LINE_ENDS = re.compile("\r\n?")  # which XML and HTML read as a newline; `&#13;`, JSON and Parquet bring them here

ARTICLES = pa.schema([("page_id", pa.int64()), ("title", pa.string()), ("text", pa.string())])


def clean_text(text: str) -> str:
    """Return a text with a newline at each line end, and a blank for each control code but tabs."""
    return IN_TEXTS.sub(" ", LINE_ENDS.sub("\n", text))


def write_articles(
    articles: Iterable[tuple[int, str, str]], directory: Path, prefix: str = "part", first: int = 0
) -> int:
    """Write (page id, title, text) rows as the shards of `prefix`, from number `first` on; return their number.

    Texts are cleaned, and a blank replaces each control code of a title.
    """
    rows: list[tuple[int, str, str]] = []
    count = characters = 0
    for id, title, text in articles:
        rows.append((id, IN_TITLES.sub(" ", title), clean_text(text)))
        characters += len(text)
        if characters >= SHARD_CHARACTERS:
            _write_shard(rows, shard_path(directory, first + count, prefix))
            rows, characters, count = [], 0, count + 1
    if rows:
        _write_shard(rows, shard_path(directory, first + count, prefix))
        count += 1
    return count


def _write_shard(rows: list[tuple[int, str, str]], path: Path) -> None:
    pq.write_table(pa.table(list(zip(*rows, strict=True)), schema=ARTICLES), path, compression="zstd")
