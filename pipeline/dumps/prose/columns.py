"""Reading articles from JSON Lines and Parquet, by the columns that `wiki.columns` names."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.dumps.prose.plain import BadLine, ProseArticle, byte_lines
from pipeline.run.doors import bounded_json
from pipeline.run.errors import UserError, reading

ROWS_READ = 256
BUFFER = 1 << 20  # bytes of a column that are read at once, so that a file of one row group does not fill the memory

ColumnNames = Mapping[str, str | None]  # of id, title and text; None: the file lacks it


def json_articles(path: Path, columns: ColumnNames) -> Iterator[ProseArticle | BadLine]:
    """Yield the article of each line of a JSON Lines file; blank lines are skipped."""
    for place, found in _json_objects(path):
        yield found if isinstance(found, BadLine) else _article(place, found, columns)


def parquet_articles(path: Path, columns: ColumnNames) -> Iterator[ProseArticle | BadLine]:
    """Yield the article of each row of a Parquet file, of which a few rows are in memory at a time."""
    number = 0
    try:
        names = [name for name in _opened(path).schema_arrow.names if name in columns.values()]
        for batch in _opened(path).iter_batches(ROWS_READ, columns=names):
            for row in range(len(batch)):
                number += 1
                place = f"{path}, row {number}"
                try:
                    yield _article(place, {name: batch.column(name)[row].as_py() for name in names}, columns)
                except (ValueError, OverflowError) as error:  # not UTF-8, or a date after the year 9999
                    yield BadLine(place, f"has a value that cannot be read ({_first_line(error)})")
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: is damaged after row {number:,} ({_first_line(error)}); get it again") from None


def check_json(path: Path, columns: ColumnNames) -> None:
    """Raise `UserError` where no line is a JSON object, or the first one that has a text lacks another column."""
    objects = (found for _, found in _json_objects(path) if isinstance(found, dict))
    if (first := next(objects, None)) is None:
        raise UserError(f"{path}: holds no line that is a JSON object; give a file with one object on each line")
    if columns["text"] not in first:  # reading skips such lines
        first = next((found for found in objects if columns["text"] in found), first)
    _check_columns(path, columns, list(first))


def check_parquet(path: Path, columns: ColumnNames) -> None:
    """Raise `UserError` where a file is no Parquet, or lacks a column or has it several times."""
    with reading(path, "give a Parquet file"):
        names = _opened(path).schema_arrow.names
    _check_columns(path, columns, names)


def _check_columns(path: Path, columns: ColumnNames, found: list[str]) -> None:
    """Raise `UserError` where a column is not there once; id and title, unless the user renamed them, need not be."""
    needed = {name for key, name in columns.items() if name and (name in found or key == "text" or name != key)}
    if wrong := [name for name in columns.values() if name in needed and found.count(name) != 1]:
        problem = f"must have one column {', '.join(map(repr, wrong))}; it has {', '.join(found) or 'none'}"
        raise UserError(f"{path}: {problem}; name them in wiki.columns, null for an id or a title that there is not")


def _opened(path: Path) -> "pq.ParquetFile":
    return pq.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER, page_checksum_verification=True)


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0].rstrip(".")


def _json_objects(path: Path) -> Iterator[tuple[str, dict[str, Any] | BadLine]]:
    """Yield the place of each line that is not blank, and its JSON object."""
    for number, line in byte_lines(path):
        place = f"{path}, line {number}"
        if not line.strip():
            continue
        try:
            found = bounded_json(line.decode("utf-8"))
        except ValueError:
            found = None
        yield place, found if isinstance(found, dict) else BadLine(place, "is not a JSON object in UTF-8")


def _article(place: str, row: Mapping[str, Any], columns: ColumnNames) -> ProseArticle | BadLine:
    """Return the article of a row."""
    id, title, text = (None if name is None else row.get(name) for name in map(columns.get, ("id", "title", "text")))
    if not isinstance(text, str):
        return BadLine(place, "has no text, or one that is no string")
    return ProseArticle(id, "" if title is None else str(title), text, place)
