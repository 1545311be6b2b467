"""The door for arrays, tensors and databases: they are checked as they are opened, and nothing is unpickled or run.

But for those that take a path, whose errors name it, functions raise `ValueError`, or what libraries raise on damaged
content.
"""

import hashlib
import io
import math
import mmap
import sqlite3
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.run.doors import bounded_json
from pipeline.run.errors import AGAIN, reading, writing

if TYPE_CHECKING:
    import numpy as np


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
