"""The manifest: the files that are read, their kind, sizes and checksums."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, Literal, NamedTuple

from pipeline.dumps.dump import Piece, split
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json

Kind = Literal["dump", "text", "jsonl", "parquet", "lines"]  # lines: a corpus with its own splits

File = dict[str, Any]  # its path, bytes and sha1, and the split that it holds where the source has its own


class Manifest(NamedTuple):
    """What `download` wrote down: `columns` are those of JSON Lines and Parquet."""

    kind: Kind
    language: str | None
    columns: Mapping[str, str | None]
    files: list[File]


def read_manifest(raw: Path) -> Manifest:
    """Return the manifest in the folder `raw`.

    Raises `UserError` where a file is missing, or where its size is not the one that is listed.
    """
    found = read_json(raw / "manifest.json")
    for file in found["files"]:
        if not Path(file["path"]).exists():
            raise UserError(f"{file['path']}: not found; put it back, or run `dvc repro -f download`")
        if Path(file["path"]).stat().st_size != file["bytes"]:
            raise _changed(file)
    return Manifest(found["kind"], found.get("language"), found.get("columns", {}), found["files"])


def listed_pieces(manifest: Manifest) -> list[Piece]:
    """Return the pieces of the dump files in a manifest, which may name the language of their wiki."""
    pieces = [piece for file in manifest.files for piece in split(Path(file["path"]))]
    if manifest.language:
        pieces = [replace(piece, site=replace(piece.site, language=manifest.language)) for piece in pieces]
    return [replace(piece, number=number) for number, piece in enumerate(pieces)]


@contextmanager
def unchanged(files: list[File]) -> Iterator[Callable[[], None]]:
    """Compare the files with their checksums in the manifest while the block runs, and to the end when it is done.

    Yields a function that raises `UserError` where a file is known to differ.
    """
    over = Event()
    with ThreadPoolExecutor(1) as pool:  # hashing leaves Python's lock to others
        comparing = pool.submit(_check_digests, files, over)
        try:
            yield lambda: comparing.result() if comparing.done() else None
            comparing.result()
        finally:
            over.set()


def _check_digests(files: list[File], over: Event) -> None:
    """Raise `UserError` where a file is no longer the one that the manifest lists; stop when it is `over`."""
    for entry in files:
        digest = hashlib.sha1(usedforsecurity=False)
        with Path(entry["path"]).open("rb") as file:
            while (block := file.read(1 << 20)) and not over.is_set():
                digest.update(block)
        if not over.is_set() and digest.hexdigest() != entry["sha1"]:
            raise _changed(entry)


def _changed(file: File) -> UserError:
    """Return the error that reports a file that differs from the manifest."""
    return UserError(f"{file['path']}: changed since it was listed; run `dvc repro -f download`")
