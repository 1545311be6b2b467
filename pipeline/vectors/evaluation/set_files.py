"""Reading the tables of evaluation sets: CSV with a header, or one row per line."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.run.errors import UserError
from pipeline.vectors.questions import read_lines


def table_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the fields of each row of a table.

    A .csv file has a header, and the fields are the `columns`; empty if the row is too short. Fields of other
    files are separated by tabs, or by blanks in a line without tabs; empty lines and `#` comments are left out. Raises
    `UserError` if the header lacks a column or a field never ends.
    """
    lines = read_lines(path)
    if path.suffix == ".csv":
        reader = csv.DictReader(lines)
        try:
            header = reader.fieldnames or []
            if lacking := [column for column in columns if column not in header]:
                raise UserError(f"{path}: line 1 has no column {lacking[0]}; expected the columns {', '.join(columns)}")
            for row in reader:
                yield reader.line_num, [(row[column] or "").strip() for column in columns]
        except csv.Error as error:
            raise UserError(f"{path}: line {reader.line_num}: {error}; is a quotation mark left open?") from None
        return
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield number, [field.strip() for field in text.split("\t" if "\t" in text else None)]


def nothing_in(path: Path, wanted: str, malformed: Sequence[str]) -> UserError:
    """Return the error for a file without any `wanted` item."""
    reason = f"; {malformed[0]}" if malformed else ""
    return UserError(f"{path}: holds no {wanted}{reason}; correct or remove the file")
