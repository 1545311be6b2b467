"""Makers of damaged and hostile archives, arrays, tensors and databases, from sound ones."""

import io
import json
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load

from pipeline.run.archives import MOST_ARCHIVE
from pipeline.run.arrays import write_tensors
from tests.hostile.case import Make

PACK, VECTORS = "enwiki-40m.zip", "svd.npz"
MODEL = "data/models/enwiki-40m"
MB = 1_000_000
Change = Callable[[bytes], bytes]


def repacked(archive: str, changes: Mapping[str, Change | bytes | None]) -> Make:
    """Return what changes, adds or (None) removes members of a zip file."""

    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / archive) as file:
            members = {name: file.read(name) for name in file.namelist()}
        for name, change in changes.items():
            if change is None:
                del members[name]
            else:
                members[name] = change(members[name]) if callable(change) else change
        small = sum(map(len, members.values())) < MOST_ARCHIVE - MB / 4  # to deflate it takes longer than its case
        with zipfile.ZipFile(folder / archive, "w", zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(name, content)

    return make


def changed(name: str, change: Change) -> Make:
    """Return what changes the content of a file."""

    def make(folder: Path) -> None:
        path = folder / name
        content = path.read_bytes()
        path.unlink()  # outputs may be read-only
        path.write_bytes(change(content))

    return make


def in_turn(*makes: Make) -> Make:
    def make(folder: Path) -> None:
        for each in makes:
            each(folder)

    return make


def zeros(megabytes: int) -> bytes:
    """Return so many megabytes of zeros, deflated, without inflating them here."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    first, again = (deflate.compress(bytes(MB)) + deflate.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (megabytes - 1) + deflate.flush()


def bomb(archive: str, member: str, megabytes: int, stated: int | None = None) -> Make:
    """Return what lets a member inflate to so many megabytes, while the archive states other bytes if given."""

    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / archive) as file:
            members = {name: file.read(name) for name in file.namelist() if name != member}
        with zipfile.ZipFile(folder / archive, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(name, content)
            file.writestr(zipfile.ZipInfo(member), zeros(megabytes))  # stored; the directory then says deflated
        whole = bytearray((folder / archive).read_bytes())
        entry = whole.rindex(b"PK\x01\x02")
        whole[entry + 10 : entry + 12] = zipfile.ZIP_DEFLATED.to_bytes(2, "little")
        size = megabytes * MB if stated is None else stated
        whole[entry + 24 : entry + 28] = size.to_bytes(4, "little")
        (folder / archive).write_bytes(whole)

    return make


def npy(array: np.ndarray) -> bytes:
    """Return an array as the content of a .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npy_of_shape(shape: tuple[int, ...], dtype: str, values: bytes = bytes(64)) -> bytes:
    """Return the content of a .npy file whose header gives any shape, whatever follows it."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue() + values


def of_array(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    return lambda content: npy(change(np.load(io.BytesIO(content))))


def with_nan(array: np.ndarray) -> np.ndarray:
    found = array.copy()
    found.flat[len(found.flat) // 2] = np.nan
    return found


def of_tensors(change: Callable[[dict[str, np.ndarray]], object]) -> Change:
    """Return what changes tensors in place, and gives them the checksum that belongs to them."""

    def changing(content: bytes) -> bytes:
        tensors = {name: tensor.copy() for name, tensor in load(content).items()}
        change(tensors)
        with tempfile.TemporaryDirectory() as scratch:
            write_tensors(path := Path(scratch) / "tensors", tensors)
            return path.read_bytes()

    return changing


def fill(name: str, value: float) -> Change:
    """Return what sets the last value of a tensor."""
    return of_tensors(lambda tensors: tensors[name].flat.__setitem__(-1, value))


def of_json(change: Callable[[Any], object]) -> Change:
    """Return what changes the content of a JSON file in place."""

    def changing(content: bytes) -> bytes:
        found = json.loads(content)
        change(found)
        return json.dumps(found).encode()

    return changing


def without(*keys: str) -> Change:
    """Return what leaves a key out of a JSON file, of an inner mapping if several are given."""

    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        del content[keys[-1]]

    return of_json(change)


def of_database(*statements: str) -> Change:
    """Return what runs SQL on the bytes of a database."""

    def changing(content: bytes) -> bytes:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(content)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        found = connection.serialize()
        connection.close()
        return found

    return changing


def of_tokenizer(change: Callable[[Any], object]) -> Make:
    """Return what changes the packed model's tokenizer, and its fingerprint wherever that stands."""
    from pipeline.store.vocabularies import vocabulary_of

    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / PACK) as file:
            connection = sqlite3.connect(":memory:")
            connection.deserialize(file.read("data/sequences.db"))
        ((text,),) = connection.execute("SELECT value FROM meta WHERE key = 'tokenizer'")
        tokenizer = json.loads(text)
        change(tokenizer)
        entries = connection.execute("SELECT word, count FROM vocabulary ORDER BY id").fetchall()
        found = vocabulary_of(entries, json.dumps(tokenizer))
        connection.executemany(
            "UPDATE meta SET value = ? WHERE key = ?",
            [(found.tokenizer, "tokenizer"), (found.fingerprint, "vocabulary")],
        )
        connection.commit()
        record = of_json(lambda content: content.update(vocabulary=found.fingerprint))
        repacked(PACK, {"data/sequences.db": connection.serialize(), f"{MODEL}/model.json": record})(folder)

    return make


def many_members(archive: str, number: int) -> Make:
    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / archive, "a") as file:
            for member in range(number):
                file.writestr(f"{member}", b"")

    return make


def cut(size: int) -> Change:
    """Return what leaves the last bytes out."""
    return lambda content: content[:-size]


def sparse(name: str, head: bytes, size: int) -> Make:
    """Return what writes a file that has zeros behind its head, which take no room on the disk."""

    def make(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        with (folder / name).open("wb") as file:
            file.write(head)
            file.truncate(size)

    return make
