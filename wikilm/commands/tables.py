"""Tables that commands read and print: words that a user gives, and rows of values."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.run.doors import check_fields, check_length
from pipeline.run.errors import UserError
from pipeline.scores.minimal_pairs import QUOTED
from wikilm.given_words import WORD

TOLD = 10  # columns in an error


def is_table(text: str, name: str) -> bool:
    """Return whether a text is a table of words: a file `.tsv`, or a text whose first line has a column `word`."""
    return name.endswith(".tsv") or WORD in fields_of(text.partition("\n")[0].rstrip("\r"), quoted=True)


def read_words(text: str, called: str) -> list[dict[str, str]]:
    """Return the rows of tab-separated values with a header; raises `UserError` if they are no table of words.

    Quotes around a field are left out if they also stand around the header's, or double those within the field; other
    quotes belong to the words.
    """
    check_fields(text, called)
    header, *lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    columns = fields_of(header, quoted=True)
    if WORD not in columns:
        raise UserError(f"{called}, line 1: has no column {WORD}; it has {', '.join(columns[:TOLD])}")
    name, times = Counter(columns).most_common(1)[0]
    if times > 1:
        raise UserError(f"{called}, line 1: has {times:,} columns {name!r}; rename all but one")
    rows = []
    for number, line in enumerate(lines, 2):
        check_length(len(line), f"{called}, line {number}")
        fields = fields_of(line, quoted=header.startswith('"'))
        if len(fields) != len(columns):
            raise UserError(f"{called}, line {number}: has {len(fields)} column(s), and line 1 has {len(columns)}")
        rows.append(dict(zip(columns, fields, strict=True)))
    return rows


def fields_of(line: str, *, quoted: bool) -> list[str]:
    """Return the fields of a line; those in quotes without them, if fields are `quoted` or it doubles quotes within."""
    found = []
    for field in line.split("\t"):
        inner = QUOTED.fullmatch(field)
        found.append(inner[1].replace('""', '"') if inner and (quoted or '""' in inner[1]) else field)
    return found


def printed(rows: Iterable[Mapping[str, Any]], delimiter: str) -> list[str]:
    """Return rows with the same columns as lines with a header, with 1 for True and nothing for None."""
    rows, sheet = [*rows], io.StringIO()
    writer = csv.writer(sheet, delimiter=delimiter, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([int(value) if isinstance(value, bool) else value for value in row.values()])
    return sheet.getvalue().removesuffix("\n").split("\n")  # not at other line ends, which may be pieces
