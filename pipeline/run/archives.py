"""The door for archives, arrays, tensors and databases: what they may take is known before they are read.

Nothing is unpickled, unpacked into a folder, or run. But for those that take a path, whose errors name it, functions
raise `ValueError`, or what libraries raise on damaged content.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import math
import mmap
import sqlite3
import zipfile
import zlib
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from pipeline.run.doors import bounded_json, bounded_rest
from pipeline.run.errors import AGAIN, UserError, reading, writing
from pipeline.run.outputs import whole_file

if TYPE_CHECKING:
    import numpy as np

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


def check_members(path: Path) -> None:
    """Raise `ValueError` if a member of a zip file differs from its checksum. torch does not compare checksums."""
    with zipfile.ZipFile(path) as file:
        if name := file.testzip():
            raise ValueError(f"the checksum of {name} differs")


def array_in(content: bytes | mmap.mmap) -> "np.ndarray":
    """Return the array in the content of a .npy file, without a copy."""
    import numpy as np  # what reads no array starts without it

    head = content if isinstance(content, mmap.mmap) else io.BytesIO(content)
    old = np.lib.format.read_magic(head) == (1, 0)
    read_header = np.lib.format.read_array_header_1_0 if old else np.lib.format.read_array_header_2_0
    shape, by_columns, dtype = read_header(head)
    if dtype.hasobject:
        raise ValueError("it has objects, which only pickle reads")
    return np.frombuffer(content, dtype, offset=head.tell()).reshape(shape, order="F" if by_columns else "C")


def read_array(path: Path, remedy: str = AGAIN) -> "np.ndarray":
    """Map the array in a NumPy file into memory; raises `UserError` if it is damaged."""
    with reading(path, remedy), path.open("rb") as file:
        return array_in(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def check_finite(arrays: "Mapping[str, np.ndarray]") -> None:
    """Raise `ValueError` if a value of named arrays is NaN or infinite."""
    import numpy as np

    for name, array in arrays.items():
        with np.errstate(invalid="ignore"):
            if array.dtype.kind == "f" and not math.isfinite(array.sum(dtype=np.float64)):
                raise ValueError(f"{name} has values that are not finite numbers")


def write_tensors(path: Path, tensors: "Mapping[str, np.ndarray]", metadata: Mapping[str, str] = {}) -> None:
    """Write named arrays as safetensors, which hold no code, with `metadata` and a checksum, which they lack."""
    from safetensors.numpy import save  # `save_file` lets nobody else read the file

    with writing(path):
        path.write_bytes(save(dict(tensors), {**metadata, "blake2b": _checksum(tensors)}))


def read_tensors(path: Path) -> "dict[str, np.ndarray]":
    """Return what `write_tensors` wrote; raises `UserError` if it is damaged, or a value is not finite."""
    from safetensors import safe_open

    with reading(path), safe_open(path, "numpy") as file:
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 # it is no dictionary
        return _checked(found, file.metadata())


def tensors_in(content: bytes) -> "dict[str, np.ndarray]":
    """Return what `write_tensors` wrote, of the content of a file."""
    from safetensors.numpy import load

    found = load(content)  # compares the header with the length
    header = bounded_json(content[8 : 8 + int.from_bytes(content[:8], "little")].decode())
    return _checked(found, header.get("__metadata__"))


def _checked(tensors: "dict[str, np.ndarray]", metadata: Mapping[str, str] | None) -> "dict[str, np.ndarray]":
    if (metadata or {}).get("blake2b") != _checksum(tensors):
        raise ValueError("the checksum of its tensors differs")
    check_finite(tensors)
    return tensors


def _checksum(tensors: "Mapping[str, np.ndarray]") -> str:
    found = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(tensors[name].ravel().data)  # without a copy
    return found.hexdigest()


def new_database(path: Path) -> sqlite3.Connection:
    """Return a new database, which is thrown away if its build fails: it needs no journal."""
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    return connection


def open_database(path: Path) -> sqlite3.Connection:
    """Return a database for reading; raises `ValueError` if it is no database, or is cut."""
    with path.open("rb") as file:
        header = file.read(32)
    if not header.startswith(b"SQLite format 3\0"):
        raise ValueError("it is not a SQLite database")
    page, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    whole = (65536 if page == 1 else page) * pages
    if (size := path.stat().st_size) < whole:
        raise ValueError(f"it has {size:,} of {whole:,} bytes")
    # immutable: no lock, no journal, and no writing to what DVC tracks.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


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
