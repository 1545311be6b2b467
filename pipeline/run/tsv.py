"""Tables of tab-separated values with a header, as `dvc plots` reads them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.run.doors import bounded_lines
from pipeline.run.errors import reading
from pipeline.run.outputs import whole_file


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], columns: Iterable[str] = ()) -> None:
    """Write `rows`, which have the same columns; `columns` names them if there may be no row."""
    with whole_file(path) as partial:
        lines = ["\t".join(map(str, values)) for values in (columns or rows[0], *(row.values() for row in rows))]
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def read_table(path: Path, columns: Mapping[str, Callable[[str], Any]], *, stage: str) -> list[list[Any]]:
    """Return some `columns` of a table that `stage` wrote, each value converted by its column's function.

    Raises `UserError` where the file lacks one, has no rows or is damaged.
    """
    with reading(path, f"run `dvc repro -f -s {stage}`"), path.open("rb") as file:
        # Lines end at "\n" alone, and quotes mean nothing: a word may hold a quote or another line break.
        rows = (line.decode().removesuffix("\n").split("\t") for line in bounded_lines(file, path))
        header = next(rows, [])
        table: dict[str, list[Any]] = {column: [] for column in columns}
        wanted = [(values, columns[column], header.index(column)) for column, values in table.items()]
        for row in rows:
            if len(row) != len(header):
                raise ValueError(f"a row has {len(row):,} columns, and the first line {len(header):,}")
            for values, convert, place in wanted:
                values.append(convert(row[place]))
        if not all(table.values()):
            raise ValueError(f"it has no row of {', '.join(columns)}")
    return list(table.values())
