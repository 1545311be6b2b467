"""Downloading files, by their checksums, so that nothing is lost or fetched twice when it is interrupted."""

import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal

from tqdm import tqdm

from pipeline.dumps.digests import digests_of
from pipeline.dumps.web import PassingError, Web, is_length, persist, pieces
from pipeline.records.text import File
from pipeline.run.console import progress, say
from pipeline.run.errors import UserError

# The name comes from the network and becomes that of a file here.
SAFE_NAME = re.compile(r"[A-Za-z0-9](?!.*\.\.)[A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True)
class RemoteFile:
    """A file on a server; `checksum` is the hexadecimal digest that it must have, None if it is unknown."""

    url: str
    name: str
    algorithm: Literal["sha1", "sha256"]
    checksum: str | None
    bytes: int | None = None

    def __post_init__(self) -> None:
        if not SAFE_NAME.fullmatch(self.name):
            raise UserError(f"{self.url}: {self.name!r} is not a safe file name; use another mirror")


def fetch(files: Sequence[RemoteFile], folder: Path, web: Web, connections: int) -> list[File]:
    """Download `files` to `folder`, `connections` at a time; returns the path, bytes, digests and url of each.

    The digests are the SHA-1, which the manifest has of every dump file, and the one of the server's list. A file that
    is there already and has its checksum is not downloaded again. A part of a file, `.NAME.partial`, is continued,
    whether a connection was cut or an earlier run killed. Raises `UserError` if a file cannot be downloaded; its first
    part stays for the next run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = {file.name: entry for file in files if (entry := _placed(file, folder))}
    halt = Event()
    with progress("download", 0, "B") as bar, ThreadPoolExecutor(connections) as pool:
        transfers = [Transfer(file, folder, web, bar, halt) for file in files if file.name not in entries]
        bar.total = sum(transfer.left() for transfer in transfers)
        free = shutil.disk_usage(folder).free
        if bar.total > free:
            raise UserError(f"{folder}: {bar.total:,} bytes to download, but only {free:,} are free; make room")
        futures = {pool.submit(transfer.run): transfer.file.name for transfer in transfers}
        try:
            for future in as_completed(futures):
                entries[futures[future]] = future.result()
        finally:
            halt.set()
            pool.shutdown(cancel_futures=True)
    return [entries[file.name] for file in files]


class DifferentError(UserError):
    """What was downloaded is not what is listed, and was deleted."""


class Transfer:
    """A file that is being downloaded. Its first part is on disk alone, so a retry and a later run continue alike."""

    def __init__(self, file: RemoteFile, folder: Path, web: Web, bar: "tqdm[Any]", halt: Event) -> None:
        self.file, self.web, self.bar, self.halt = file, web, bar, halt
        self.bytes = web.length(file.url) if file.bytes is None else file.bytes
        self.path = folder / file.name
        # A name from the network starts with no dot, so it is never one of these.
        self.partial = folder / f".{file.name}.partial"

    def offset(self) -> int:
        """Return the number of bytes that were downloaded."""
        return self.partial.stat().st_size if self.partial.exists() else 0

    def left(self) -> int:
        """Return the number of bytes that are missing."""
        return max(0, self.bytes - self.offset())

    def run(self) -> File:
        """Download the file, twice if it differs from what is listed; returns its entry in the manifest."""
        try:
            try:
                return self._persist()
            except DifferentError as error:
                say(f"{error}; fetching it again")
                return self._persist()
        except OSError as error:  # the disk's: the network's is `PassingError`
            raise UserError(f"{self.partial}: cannot be written: {error.strerror}") from None

    def _persist(self) -> File:
        return persist(self._try, self.halt.wait, self.offset)  # new tries as long as they add bytes

    def _try(self) -> File:
        self._heed_halt()
        if self.offset() > self.bytes or not self.file.checksum:  # without one, nobody would see that the file changed
            self._discard()
        self.partial.touch()
        if self.left():
            self._receive()
        found = digests_of(self.partial, "sha1", self.file.algorithm)
        if (checksum := found[self.file.algorithm]) != (self.file.checksum or checksum):
            raise self._different(f"its {self.file.algorithm} is {checksum}, not {self.file.checksum}")
        self.partial.replace(self.path)
        return _entry(self.file, self.path, found)

    def _receive(self) -> None:
        """Append the missing bytes to the first part."""
        offset = self.offset()
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self.web.ask("GET", self.file.url, **headers) as response:
            if offset and not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
                self._discard()
                if response.status_code != 200:  # a server without ranges sends it from the start again
                    raise PassingError(f"{self.file.url}: the server sends another part than byte {offset:,} on")
                offset = 0
            length = response.headers.get("Content-Length", "")
            if is_length(length) and offset + int(length) != self.bytes:
                raise self._different(f"it has {offset + int(length):,} bytes, not {self.bytes:,}")
            with self.partial.open("ab") as partial:
                for block in pieces(response):
                    self._heed_halt()
                    partial.write(block)
                    partial.flush()  # a killed run loses no more than the next block
                    self.bar.update(len(block))
                    if partial.tell() > self.bytes:
                        raise self._different(f"it has more than {self.bytes:,} bytes")
        if self.left():
            raise PassingError(f"{self.file.url}: broke off after {self.offset():,} bytes")

    def _discard(self) -> None:
        before = self.left()
        self.partial.unlink(missing_ok=True)
        self.bar.total = (self.bar.total or 0) + self.left() - before

    def _different(self, problem: str) -> DifferentError:
        self._discard()
        return DifferentError(f"{self.file.url}: differs from what is listed: {problem}")

    def _heed_halt(self) -> None:
        if self.halt.is_set():
            raise UserError(f"{self.file.url}: not finished, because another file failed")


def _placed(file: RemoteFile, folder: Path) -> File | None:
    """Return the manifest's entry of a file that an earlier run downloaded; removes one with another checksum."""
    path = folder / file.name
    if path.exists():
        found = digests_of(path, "sha1", file.algorithm)
        if found[file.algorithm] == (file.checksum or found[file.algorithm]):
            return _entry(file, path, found)
        say(f"{path}: differs from what is listed; fetching it again")
        path.unlink()
    return None


def _entry(file: RemoteFile, path: Path, digests: dict[str, str]) -> File:
    return File(path=path.as_posix(), bytes=path.stat().st_size, **digests, url=file.url)
