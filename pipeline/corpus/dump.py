"""Reading MediaWiki XML dumps as a stream of pages, whatever their compression."""

import bz2
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast
from xml.etree import ElementTree

from pipeline.run.console import UserError, say
from pipeline.wikitext import Site

# Told by their first bytes, since Wikimedia's names also end in page ranges (`...xml-p1p999.bz2`).
DECOMPRESSORS: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {
    b"BZh": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    b"\x1f\x8b": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
}
NEWEST_SCHEMA = "0.11"
UNSUPPORTED = {b"7z\xbc\xaf": "7z", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip", b"\xfd7zXZ": "xz"}


@dataclass(frozen=True)
class Page:
    """The newest revision of a page in a dump."""

    id: int
    title: str
    namespace: int
    redirect: bool
    model: str  # "wikitext" for prose; Lua modules, JSON and style sheets have their own
    text: str


class Dump:
    """One dump file, opened for reading its pages once, as a context manager.

    `site` is known once `pages` has begun; `position` counts the bytes of the file read so far and
    `sha1` is the digest of those bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.site = Site()
        self.count = 0

    def __enter__(self) -> "Dump":
        try:
            self._raw = _HashingReader(self.path.open("rb", buffering=0))
        except OSError as error:
            raise UserError(f"{self.path}: cannot be read: {error.strerror}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.close()

    @property
    def position(self) -> int:
        return self._raw.position

    @property
    def sha1(self) -> str:
        return self._raw.digest.hexdigest()

    def pages(self) -> Iterator[Page]:
        """Every page in file order; raises `UserError` where the file is cut, corrupt or no dump."""
        buffered = io.BufferedReader(self._raw, buffer_size=1 << 20)
        try:
            yield from self._parse(decompressed(buffered, self.path))
            while buffered.read(1 << 20):  # what stands behind the last compressed stream is in the checksum
                pass
        except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as error:
            raise UserError(
                f"{self.path}: truncated or corrupt after page {self.count:,} "
                f"({str(error)[:1].lower()}{str(error)[1:]}); download it again"
            ) from None
        except (ElementTree.ParseError, LookupError, ValueError) as error:  # the last two: of its encoding
            problem = f"ends or breaks after page {self.count:,}" if self.count else "is not a MediaWiki XML dump"
            raise UserError(f"{self.path}: {problem}: {error}") from None

    def _parse(self, stream: BinaryIO) -> Iterator[Page]:
        elements = ElementTree.iterparse(stream, events=("start", "end"))
        _, root = next(elements)
        if _tag(root) != "mediawiki":
            raise UserError(f"{self.path}: is not a MediaWiki XML dump: it holds <{_tag(root)}>")
        version = root.get("version", NEWEST_SCHEMA)
        if _numbers(version) > _numbers(NEWEST_SCHEMA):
            say(f"{self.path}: warning: export schema {version} is newer than {NEWEST_SCHEMA}; read as if it were that")
        language = root.get("{http://www.w3.org/XML/1998/namespace}lang")
        self.site = Site(language=language or "en")
        for event, element in elements:
            if event == "start":
                continue
            if _tag(element) == "siteinfo":
                self.site = _site(element, language)
            elif _tag(element) == "page":
                self.count += 1
                yield self._page(element)
                root.clear()

    def _page(self, element: ElementTree.Element) -> Page:
        parts = {_tag(child): child for child in element}
        revisions = [child for child in element if _tag(child) == "revision"]
        try:
            # Of two with one timestamp, or without any, the later one in the file.
            revision = max(reversed(revisions), key=lambda revision: _text(revision, "timestamp"))
            page_id = int(parts["id"].text or "")
            if not 0 <= page_id < 2**63:
                raise ValueError
            return Page(
                id=page_id,
                title=parts["title"].text or "",
                namespace=int(_text(element, "ns") or 0),
                redirect="redirect" in parts,
                model=_text(revision, "model") or "wikitext",
                text=_text(revision, "text"),
            )
        except (KeyError, ValueError):
            raise UserError(f"{self.path}: page {self.count:,} lacks a title, a valid id or a revision") from None


def decompressed(file: "io.BufferedReader[Any]", path: Path) -> BinaryIO:
    """What the compressed or plain `file` holds; `path` is named in the `UserError` for other compressions."""
    head = file.peek(8)[:8]
    for magic, kind in UNSUPPORTED.items():
        if head.startswith(magic):
            raise UserError(f"{path}: is {kind}-compressed; unpack it, or recompress it as .bz2 or .gz")
    for magic, decompressor in DECOMPRESSORS.items():
        if head.startswith(magic):
            return decompressor(file)
    return file


class _HashingReader(io.RawIOBase):
    """A raw file that counts and digests what is read from it."""

    def __init__(self, raw: io.RawIOBase | io.FileIO) -> None:
        self._raw = raw
        self.position = 0
        self.digest = hashlib.sha1(usedforsecurity=False)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed: any writable buffer
        count = self._raw.readinto(buffer) or 0
        self.digest.update(buffer[:count])
        self.position += count
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ElementTree.Element, tag: str) -> str:
    """The text of the child `tag`, in any export schema's namespace; empty where there is none."""
    return element.findtext(f"{{*}}{tag}") or ""


def _site(siteinfo: ElementTree.Element, language: str | None) -> Site:
    name = _text(siteinfo, "dbname") or "unknown"
    namespaces = {
        element.text: int(element.get("key", "0"))
        for element in siteinfo.iterfind("{*}namespaces/{*}namespace")
        if element.text
    }
    host = re.match(r"https?://([a-z-]+)\.", _text(siteinfo, "base"))
    language = language or (host[1] if host else name.removesuffix("wiki").replace("_", "-"))
    return Site(name=name, language=language, namespaces=namespaces)
