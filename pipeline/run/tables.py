"""Tables of tab-separated values with a header, as `dvc plots` reads them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.run.errors import UserError
from pipeline.run.outputs import whole_file


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `rows`, at least one and all of the same columns."""
    with whole_file(path) as partial:
        lines = ["\t".join(map(str, values)) for values in (rows[0], *(row.values() for row in rows))]
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def read_table(path: Path, columns: Mapping[str, Callable[[str], Any]], *, stage: str) -> list[list[Any]]:
    """Return the `columns` of a table that `stage` wrote, each value converted by its column's function.

    Raises `UserError` where the file is another table, has no rows or is damaged.
    """
    try:
        # Lines end at "\n" alone, and quotes mean nothing: a word may hold a quote or another line break.
        with path.open(encoding="utf-8", newline="\n") as file:
            header, *rows = (line.removesuffix("\n").split("\t") for line in file)
        if header != list(columns):
            raise ValueError
        pairs = zip(columns.values(), zip(*rows, strict=True), strict=True)
        return [list(map(convert, values)) for convert, values in pairs]
    except ValueError:
        raise UserError(
            f"{path}: is not a table of {', '.join(columns)}, or is damaged; run `dvc repro --force {stage}`"
        ) from None
