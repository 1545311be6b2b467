"""The door for archives and compressed files: what they may take is known before they are read.

Nothing is unpickled, unpacked into a folder, or run. But for those that take a path, whose errors name it, functions
raise `ValueError`, or what libraries raise on damaged content.
"""

import bz2
import gzip
import lzma
import sqlite3
import zipfile
import zlib
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Any, cast

from pipeline.run.doors import bounded_rest
from pipeline.run.errors import UserError, reading
from pipeline.run.outputs import whole_file

CUT_GZIP = EOFError, zlib.error, gzip.BadGzipFile
MOST_ARCHIVE, MOST_INFLATED = 8_000_000, 32_000_000  # bytes of what `write_zip` writes, and of its members
MOST_SQL_STEPS = 50_000_000  # of SQLite in a query


def write_zip(path: Path, members: Mapping[str, bytes], most_bytes: int, advice: str = "") -> None:
    """Write a zip file that has the same bytes for the same `members`.

    Raises `UserError`, which ends in `advice`, if it would have more than `most_bytes`.
    """
    with whole_file(path) as partial:
        with zipfile.ZipFile(partial, "w") as file:
            for name, content in members.items():
                # A ZipInfo of its own has the time 1980-01-01 instead of now.
                file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        if (size := partial.stat().st_size) > most_bytes:
            raise UserError(
                f"{path}: would have {size / 1e6:.1f} MB; at most {most_bytes / 1e6:.1f} MB can come with wikilm"
                f"{advice}"
            )


def member_names(path: Path) -> list[str]:
    """Return the names of the members of a file that `write_zip` wrote."""
    if (size := path.stat().st_size) > MOST_ARCHIVE:
        raise ValueError(f"it has {size / 1e6:,.1f} MB of at most {MOST_ARCHIVE / 1e6:,.1f}")
    with zipfile.ZipFile(path) as file:
        return file.namelist()


def read_members(path: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Return the members of a file that `write_zip` wrote: the `wanted` ones, and there must be no others."""
    names = member_names(path)
    if lacking := [name for name in wanted if name not in names]:
        raise ValueError(f"it lacks {lacking[0]}")
    if foreign := [name for name in names if name not in wanted] or names[len(wanted) :]:
        raise ValueError(f"its member {foreign[0]} is one too many")
    with zipfile.ZipFile(path) as file:
        listed = file.infolist()
        if (stated := sum(each.file_size for each in listed)) > MOST_INFLATED:
            raise ValueError(f"its members have {stated / 1e6:,.0f} MB of at most {MOST_INFLATED / 1e6:,.0f}")
        if any(each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for each in listed):
            raise ValueError("its compression is not Deflate")
        return {each.filename: file.open(each).read(each.file_size + 1) for each in listed}  # compares checksums


def tables_in(content: bytes, wanted: Mapping[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of tables in the content of a SQLite database, ordered by the first of the `wanted` columns.

    The database is data: only stored columns of tables are read, and no more than there are bytes of it.
    """

    def allow(action: int, table: str | None, _column: str | None, _database: str | None, view: str | None) -> int:
        own = action == sqlite3.SQLITE_READ and table in wanted and view is None  # else the view that reads it
        return sqlite3.SQLITE_OK if own or action == sqlite3.SQLITE_SELECT else sqlite3.SQLITE_DENY

    found: dict[str, list[tuple[Any, ...]]] = {table: [] for table in wanted}
    left = len(content)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, len(content))
        connection.set_progress_handler(lambda: 1, MOST_SQL_STEPS)
        for table in wanted:
            if any(hidden for *_, hidden in connection.execute(f"PRAGMA table_xinfo({table})")):
                raise ValueError(f"its table {table} has columns that are not stored")
        connection.set_authorizer(allow)
        for table, columns in wanted.items():
            for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1"):
                left -= 1 + sum(len(value) for value in row if isinstance(value, str | bytes))
                if left < 0:
                    raise ValueError(f"its table {table} has more rows than there is room for")
                found[table].append(row)
    return found


def inflate_bzip2(stream: bytes) -> bytes:
    """Return the content of a bzip2 stream of one block, which has at most 47 MB."""
    return bz2.decompress(stream)


def open_gzip(path: Path, mode: str = "rb") -> IO[bytes]:
    """Open a gzip file, whose reading raises one of `CUT_GZIP` where it is damaged."""
    return cast("IO[bytes]", gzip.open(path, mode))


def inflate_xz(path: Path, most: int) -> bytes:
    """Return the content of an xz file; raises `UserError` if it is damaged, or has more than `most` bytes."""
    with reading(path, "get it again"), lzma.open(path, format=lzma.FORMAT_XZ) as file:
        return bounded_rest(file, path, most)
