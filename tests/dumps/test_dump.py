import bz2
import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest

from pipeline.dumps import dump
from pipeline.dumps.dump import Page, pages, split, whole
from pipeline.run.errors import UserError
from tests.small_dumps import a_dump, a_page, wrap


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dump.xml"  # whose ending says nothing: compression is told by the first bytes


def read(path: Path) -> list[Page]:
    return list(pages(whole(path)))


def multistreams(data: bytes, cut: int) -> bytes:
    """Streams that are cut anywhere, in the middle of a tag too."""
    return b"".join(bz2.compress(data[start : start + cut], 1) for start in range(0, len(data), cut))


def utf_16(data: bytes) -> bytes:
    """Return the same XML in UTF-16 with a byte order mark."""
    return ('<?xml version="1.0" encoding="UTF-16"?>' + data.decode()).encode("utf-16")


@pytest.mark.parametrize("pack", [bytes, bz2.compress, partial(multistreams, cut=5000), gzip.compress, utf_16])
def test_pages_of_any_compression(path: Path, pack: Callable[[bytes], bytes]) -> None:
    path.write_bytes(pack(a_dump().replace("The king", "Здравей ‎שלום").encode()))
    site = whole(path).site
    assert (site.name, site.namespace_of("Category:Kings")) == ("enwiki", 14)
    found = read(path)
    assert [page.id for page in found] == [*range(1, 13), 101, 102, 103, 104]
    assert found[0].text.startswith("'''Page 1'''. Здравей ‎שלום")
    assert [(page.namespace, page.redirect, page.model) for page in found[11:15]] == [
        (0, None, "wikitext"),
        (0, "Page 1", "wikitext"),
        (10, None, "wikitext"),
        (0, None, "Scribunto"),
    ]


@pytest.mark.parametrize(
    ("head", "language"),
    [
        (' xml:lang="lt"><siteinfo><dbname>enwiki</dbname></siteinfo>', "lt"),
        ("><siteinfo><dbname>zh_min_nanwiki</dbname></siteinfo>", "zh-min-nan"),
        ("><siteinfo><base>https://de.wikipedia.org/wiki/Seite</base></siteinfo>", "de"),
        ("><siteinfo><base>https://www.mediawiki.org/wiki/MediaWiki</base></siteinfo>", "en"),
        (">", "en"),
    ],
)
def test_the_language_is_what_the_dump_says(path: Path, head: str, language: str) -> None:
    path.write_text(f"<mediawiki{head}{a_page(1, 'Text')}</mediawiki>")
    assert whole(path).site.language == language


def many_pages() -> bytes:
    """A dump of pages of very different lengths, some of them longer than a piece."""
    random = Random(1)
    lengths = [random.choice([0, 3, 40, 1_000]) for _ in range(80)]
    return wrap([a_page(number, f"{number} <page> " * length) for number, length in enumerate(lengths)]).encode()


@pytest.mark.parametrize(
    ("data", "piece", "pack"),
    [
        *((many_pages(), size, bytes) for size in (1000, 30_000)),
        *((many_pages(), 1000, partial(multistreams, cut=cut)) for cut in (1009, 100_000)),
        (many_pages(), 1_000_000, bz2.compress),
        (a_dump(3).encode(), 7, bytes),  # so that a tag lies across pieces
        *((a_dump(3).encode(), 500, partial(multistreams, cut=cut)) for cut in (3, 37)),
    ],
)
def test_the_pieces_of_a_dump_have_each_page_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, piece: int, pack: Callable[[bytes], bytes]
) -> None:
    path.write_bytes(pack(data))
    for size, value in {"CHUNK": min(piece, 1000), "PIECE_BYTES": piece, "PIECE_BYTES_BZIP2": piece}.items():
        monkeypatch.setattr(dump, size, value)
    pieces = split(path)
    assert len(pieces) == -(-path.stat().st_size // piece)
    assert [page for some in pieces for page in pages(some)] == read(path)


@pytest.mark.parametrize("behind", [b"<id>70</id>", b"<title>Page 70</title>", b"\n  <page>\n    <title>Page 70"])
def test_a_cut_is_found_by_the_piece_it_is_in(path: Path, monkeypatch: pytest.MonkeyPatch, behind: bytes) -> None:
    data = many_pages()
    path.write_bytes(multistreams(data[: data.index(behind)], cut=1009))
    monkeypatch.setattr(dump, "PIECE_BYTES_BZIP2", 2000)
    broken = []
    for piece in split(path):
        try:
            list(pages(piece))
        except UserError as error:
            broken.append(str(error))
    assert ["its XML is cut or damaged; download it again" in error for error in broken] == [True]


def test_the_last_revision_is_read(path: Path) -> None:
    revisions = "".join(f"<revision><text>{text}</text></revision>" for text in ("old", "new"))
    path.write_text(wrap([f"<page><title>P</title><ns>0</ns><id>1</id>{revisions}</page>"]))
    assert [(page.text, page.model) for page in read(path)] == [("new", "wikitext")]


XML = a_dump().encode()
NO_DUMP = "is not a whole MediaWiki XML dump, plain, .bz2 or .gz"
CUT = "its XML is cut or damaged; download it again"
LAUGHS = '"ha">' + "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))


def with_entity(entity: str) -> bytes:
    return f"<!DOCTYPE mediawiki [<!ENTITY b0 {entity}]>{wrap([a_page(1, '@')])}".replace("@", "&b9;").encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"{NO_DUMP}: {CUT}"),
        (b"<mediawiki><siteinfo>", f"{NO_DUMP}: {CUT}"),
        (b"<html><body/></html>", f"{NO_DUMP}: it holds <html>"),
        (XML[:-100], f"cannot be read after page 103 (Page 103): {CUT}"),
        (XML.replace(b"Page 5<", b"Page < 5<"), f"cannot be read after page 4 (Page 4): {CUT}"),
        (bz2.compress(XML)[:-20], f"{NO_DUMP}: it ends within the block at byte 4"),
        (gzip.compress(a_dump(500).encode(), mtime=0)[:-300], f"{NO_DUMP}: its gzip data is cut or damaged"),
        (gzip.compress(XML, mtime=0)[:-8] + bytes(8), f"{NO_DUMP}: its gzip data is cut or damaged"),
        (b"BZh9 not really", f"{NO_DUMP}: it holds no bzip2 block"),
        # A block of any length is not read whole.
        (b"BZh91AY&SY" + bytes(2_000_000) + b"\x17rE8P\x90" + bytes(10), f"{NO_DUMP}: damaged within the block at"),
        (wrap(["<page><title>No id</title></page>"]).encode(), "the page after byte 0 lacks a title, a valid id,"),
        (b'<?xml version="1.0" encoding="nonsense"?>' + XML, f"{NO_DUMP}: {CUT}"),
        # No entity is fetched or multiplies.
        (with_entity('""><!ENTITY b9 SYSTEM "file:///etc/hostname">'), f"cannot be read: {CUT}"),
        (with_entity(LAUGHS), f"cannot be read: {CUT}"),
    ],
)
def test_a_broken_file_is_named_with_the_place(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)


def test_a_stream_whose_mark_is_damaged_is_missed(path: Path) -> None:
    """As in Wikimedia's dumps, a stream holds whole pages: without it the XML would still be well formed."""
    head, *rest = (f"<page>{part}" for part in a_dump().split("<page>"))
    streams = [bz2.compress(part.encode()) for part in (head.removeprefix("<page>"), *rest)]
    streams[3] = streams[3].replace(bytes.fromhex("314159265359"), bytes.fromhex("314159265358"))
    path.write_bytes(b"".join(streams))
    with pytest.raises(UserError, match=r"read after page 2 .*damaged within the block at byte"):
        read(path)


@pytest.mark.parametrize(
    "bomb",
    [b"<page>" + b"<a>" * 2000, b"<a/>" * 2000, b"<page><title>" + b"word " * 20_000],
    ids=["deep", "wide", "long"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_page_that_would_fill_the_memory_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, bomb: bytes, pack: Callable[[bytes], bytes]
) -> None:
    for size, value in {"CHUNK": 1000, "PAGE_BYTES": 10_000, "PAGE_ELEMENTS": 1000}.items():
        monkeypatch.setattr(dump, size, value)
    path.write_bytes(pack(b"<mediawiki><siteinfo></siteinfo>" + bomb))
    with pytest.raises(UserError, match="cannot be read: it has a page of more than 64 MB or 1,048,576 elements"):
        read(path)
