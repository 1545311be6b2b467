"""Reading MediaWiki XML dumps as streams of pages, whatever their compression, from any place in them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

from pipeline.dumps.bzip2 import CorruptError, blocks
from pipeline.languages.language import DEFAULT
from pipeline.records.text import LANGUAGE_CODE
from pipeline.run.archives import CUT_GZIP, open_gzip
from pipeline.run.errors import UserError
from pipeline.wikitext import Site
from pipeline.wikitext.site import CODES

CHUNK = 1 << 20
STREAM_END_BYTES = 16  # as many as stand behind the last block of a bzip2 file, or more
HEAD_BYTES = 16 << 20  # more than any wiki says of itself before its first page
# More than a page has, in bytes of XML and in elements, so that no file fills the memory: MediaWiki's have up to 2 MB.
PAGE_BYTES, PAGE_ELEMENTS = 64 << 20, 1 << 20
DUMP_END = b"</mediawiki>"
PAGE = b"<page>"  # the text of pages is escaped, so a dump holds it as a tag alone
# Compressions are told by their first bytes, since Wikimedia's names also end in page ranges (`...xml-p1p999.bz2`).
BZIP2, GZIP = b"BZh", b"\x1f\x8b"
# What a core strips in about a second: as XML, in whole chunks, and as the bzip2 of it.
PIECE_BYTES, PIECE_BYTES_BZIP2 = 8 * CHUNK, 2 << 20
OVERSIZE = f"it has a page of more than {PAGE_BYTES >> 20} MB or {PAGE_ELEMENTS:,} elements"
Event = tuple[str, ElementTree.Element]  # "start" or "end", and the element


@dataclass(frozen=True)
class Page:
    """The newest revision of a page in a dump."""

    id: int
    title: str
    namespace: int
    redirect: str | None  # the title that a redirect leads to; None for other pages
    model: str  # "wikitext" for prose; Lua modules, JSON and style sheets have their own
    text: str


@dataclass(frozen=True)
class Piece:
    """A dump file, or the part of one between two bytes, that `pages` reads without the rest.

    A page belongs to the part in which it begins; in a bzip2 file, to the part in which the block that has its first
    byte begins.
    """

    path: Path
    site: Site
    start: int
    end: int
    head: bytes  # the XML before the file's first page; empty for a whole file
    number: int = 0  # of the piece among those of all files

    def __str__(self) -> str:
        return f"{self.path}, from byte {self.start:,}"


def whole(path: Path) -> Piece:
    """Return a dump file as one piece; raises `UserError` if it cannot be read or is no dump."""
    return _whole_and_head(path)[0]


def split(path: Path) -> list[Piece]:
    """Return a dump file as pieces, which do not depend on the workers; as one piece if it is gzip or in UTF-16.

    Raises `UserError` if the file cannot be read or is no dump.
    """
    piece, head = _whole_and_head(path)
    kind = _kind(path)
    if kind == GZIP or PAGE not in head:
        return [piece]
    step = PIECE_BYTES_BZIP2 if kind == BZIP2 else PIECE_BYTES
    starts = range(0, piece.end, step)
    head = head[: head.index(PAGE)]
    return [replace(piece, start=start, end=min(start + step, piece.end), head=head) for start in starts]


def _whole_and_head(path: Path) -> tuple[Piece, bytes]:
    """Return a dump file as one piece, and its first bytes, up to a page if it is in UTF-8."""
    head = b""
    try:
        for _, _, content in _chunks(path, 0):
            head += content
            if PAGE in head or len(head) > HEAD_BYTES:
                break
        return Piece(path, _read_site(head), 0, path.stat().st_size, b""), head
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except CorruptError as error:
        problem = f"is not a whole MediaWiki XML dump, plain, .bz2 or .gz: {error}"
        raise UserError(f"{path}: {problem}; download it again; prose must be .txt, .jsonl or .parquet") from None


def pages(piece: Piece, namespace: int | None = None) -> Iterator[Page]:
    """Yield the pages that begin in `piece`, in file order; raises `UserError` if the file is cut or corrupt.

    With a `namespace`, pages of others are skipped, where possible without parsing their XML.
    """
    place = f"after byte {piece.start:,}"
    needed = b"" if namespace is None else f"<ns>{namespace}</ns>".encode()
    contents = _framed(piece, needed) if piece.head else (content for _, _, content in _chunks(piece.path, 0))
    elements = _elements(contents)
    try:
        _, root = next(elements)
        for event, element in elements:
            if event == "end" and _tag(element) == "page":
                page = _page(element, piece, place)
                place = f"after page {page.id} ({page.title})"
                if namespace in (None, page.namespace):
                    yield page
                root.clear()
    except CorruptError as error:
        place = "" if place == "after byte 0" else f" {place}"
        raise UserError(f"{piece.path}: cannot be read{place}: {error}; download it again") from None


def _page(element: ElementTree.Element, piece: Piece, place: str) -> Page:
    parts = {_tag(child): child for child in element}  # of several revisions the last, which is the newest
    try:
        revision = parts["revision"]
        if not 0 <= (page_id := int(parts["id"].text or "")) < 2**63:
            raise ValueError
        return Page(
            id=page_id,
            title=parts["title"].text or "",
            namespace=int(parts["ns"].text or ""),
            redirect=parts["redirect"].get("title", "") if "redirect" in parts else None,
            model=_text(revision, "model") or "wikitext",
            text=_text(revision, "text"),
        )
    except (KeyError, ValueError):
        problem = f"the page {place} lacks a title, a valid id, a namespace or a revision"
        raise UserError(f"{piece.path}: {problem}") from None


def _framed(piece: Piece, needed: bytes) -> Iterator[bytes]:
    """Yield the XML of a piece's pages that contain `needed`, one by one, between the head and the end of a dump."""
    yield piece.head
    # Whoever reads the file's last chunk reads on to its end, to find out if it was cut.
    enough = range(piece.end, piece.path.stat().st_size - STREAM_END_BYTES)
    inside = False
    for origin, xml in _from_page_to_page(_chunks(piece.path, piece.start), enough):
        inside = origin < piece.end
        if not inside:
            break
        if needed in xml:
            yield xml
        elif DUMP_END in xml:
            yield xml[xml.index(DUMP_END) :]
    if not inside:  # else the last page brought the file's own end along
        yield DUMP_END


def _from_page_to_page(chunks: Iterator[tuple[int, int, bytes]], enough: range) -> Iterator[tuple[int, bytes]]:
    """Yield, for each page, where the chunk begins in which it begins, and its XML with what is before the next page.

    If a page ends together with a chunk, at one of the bytes that are `enough`, an empty one follows as the last.
    """
    rest = b""
    page: int | None = None  # where the chunk begins in which the page at hand begins
    origins: list[int] = []  # the same of the last bytes, in which a tag may begin
    for offset, stop, content in chunks:
        seam, data = len(rest), rest + content
        begin, at = 0, data.find(PAGE, max(0, seam - len(origins)))
        while at >= 0:
            if page is not None:
                yield page, data[begin:at]
            begin, page = at, origins[at - seam] if at < seam else offset
            at = data.find(PAGE, at + 1)
        rest = data[begin:] if page is not None else data[1 - len(PAGE) :]
        origins = (origins + [offset] * len(content[1 - len(PAGE) :]))[1 - len(PAGE) :]
        if len(rest) > PAGE_BYTES:
            raise CorruptError(OVERSIZE)
        if page is not None and stop in enough and rest.rstrip().endswith(b"</page>"):
            yield page, rest
            page, rest = stop, b""
            break
    if page is not None:
        yield page, rest


def _chunks(path: Path, start: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield where each chunk begins and ends, in bytes, and its content, for chunks that begin at or after `start`."""
    kind = _kind(path)
    if kind == BZIP2:
        yield from blocks(path, start)
        return
    with open_gzip(path) if kind == GZIP else path.open("rb") as file:
        file.seek(start)
        try:
            while content := file.read(CHUNK):
                yield start, start + len(content), content
                start += len(content)
        except CUT_GZIP:
            raise CorruptError("its gzip data is cut or damaged") from None


def _kind(path: Path) -> bytes:
    """Return the first bytes of a compressed dump; none of a plain one."""
    with path.open("rb") as file:
        head = file.read(len(BZIP2))
    return next((magic for magic in (BZIP2, GZIP) if head.startswith(magic)), b"")


def _read_site(head: bytes) -> Site:
    """Return what a dump says about its wiki before its first page; raises `CorruptError`."""
    elements = _elements([head])
    _, root = next(elements)
    if _tag(root) != "mediawiki":
        raise CorruptError(f"it holds <{_tag(root)}>")
    language = root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    language = language if re.match(LANGUAGE_CODE, language) else ""
    for event, element in elements:
        if event == "end" and _tag(element) == "siteinfo":
            name = _text(element, "dbname") or "unknown"
            listed = element.iterfind("{*}namespaces/{*}namespace")
            namespaces = {space.text: int(space.get("key", "0")) for space in listed if space.text}
            host = re.match(r"https?://([a-z-]+)\.", _text(element, "base"))
            code = host[1] if host else name.removesuffix("wiki").replace("_", "-")
            return Site(name, language or (code if code in CODES else DEFAULT), namespaces)
        if _tag(element) == "page":
            break
    return Site("unknown", language or DEFAULT)


def _elements(contents: Iterable[bytes]) -> Iterator[Event]:
    """Yield what begins and ends in the XML in `contents`; raises `CorruptError`."""
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(("start", "end"))
    size = elements = 0  # since the end of a page
    try:
        for content in contents:
            for start in range(0, len(content), CHUNK):
                piece = content[start : start + CHUNK]
                parser.feed(piece)
                size += len(piece)
                for event, element in cast("Iterator[Event]", parser.read_events()):
                    elements += event == "start"
                    yield event, element
                    if event == "end" and _tag(element) == "page":
                        size = elements = 0
                if size > PAGE_BYTES or elements > PAGE_ELEMENTS:
                    raise CorruptError(OVERSIZE)
        parser.close()
        yield from cast("Iterator[Event]", parser.read_events())  # newer expats hold some back
    except (ElementTree.ParseError, LookupError, ValueError):  # the last two: of its encoding
        raise CorruptError("its XML is cut or damaged") from None


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ElementTree.Element, tag: str) -> str:
    """Return the text of the child `tag`, in any export schema's namespace, or an empty string."""
    return element.findtext(f"{{*}}{tag}") or ""
