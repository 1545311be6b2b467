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

NO_DUMP = "is not a whole MediaWiki XML dump, plain, .bz2 or .gz"


def read(path: Path) -> list[Page]:
    return list(pages(whole(path)))


def multistreams(data: bytes, cut: int) -> bytes:
    """Streams that are cut anywhere, in the middle of a tag too."""
    return b"".join(bz2.compress(data[start : start + cut], 1) for start in range(0, len(data), cut))


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("dump.xml", bytes),
        ("dump.xml-p1p99", bytes),
        ("dump.xml.bz2", bz2.compress),
        ("dump.xml-p1p99.bz2", bz2.compress),
        ("multistream.xml.bz2", partial(multistreams, cut=5000)),
        ("dump.xml.gz", gzip.compress),
    ],
)
def test_pages_of_any_compression(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / name
    path.write_bytes(pack(a_dump().encode()))
    site = whole(path).site
    assert site.name == "enwiki"
    assert site.namespace_of("Category:Kings") == 14
    found = read(path)
    assert len(found) == 16
    assert found[0].id == 1
    assert found[0].text.startswith("'''Page 1'''. The king")
    assert [(page.namespace, page.redirect, page.model) for page in found[12:]] == [
        (0, "Page 1", "wikitext"),
        (10, None, "wikitext"),
        (0, None, "Scribunto"),
        (0, None, "wikitext"),
    ]


def test_utf_16_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    text = '<?xml version="1.0" encoding="UTF-16"?>' + wrap([a_page(1, "Здравей, свят ‎שלום")])
    path.write_bytes(text.encode("utf-16"))
    assert read(path)[0].text == "Здравей, свят ‎שלום"


@pytest.mark.parametrize(
    ("attributes", "siteinfo", "language"),
    [
        ('xml:lang="lt"', "", "lt"),
        ('xml:lang="lt"', "<siteinfo><dbname>enwiki</dbname></siteinfo>", "lt"),
        ("", "<siteinfo><dbname>zh_min_nanwiki</dbname></siteinfo>", "zh-min-nan"),
        ("", "<siteinfo><base>https://de.wikipedia.org/wiki/Seite</base></siteinfo>", "de"),
        ("", "<siteinfo><base>https://www.mediawiki.org/wiki/MediaWiki</base></siteinfo>", "en"),
        ("", "<siteinfo><sitename>W</sitename></siteinfo>", "en"),
        ("", "", "en"),
    ],
)
def test_the_language_is_what_the_dump_says(tmp_path: Path, attributes: str, siteinfo: str, language: str) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(f"<mediawiki {attributes}>{siteinfo}{a_page(1, 'Text')}</mediawiki>")
    assert whole(path).site.language == language


def many_pages() -> list[str]:
    """Pages of very different lengths, some of them longer than a piece."""
    random = Random(1)
    lengths = [random.choice([0, 3, 40, 1_000]) for _ in range(80)]
    return [a_page(number, f"{number} <page> " * length) for number, length in enumerate(lengths)]


@pytest.mark.parametrize(
    ("piece", "pack"),
    [
        *((size, bytes) for size in (1000, 30_000)),
        *((1000, partial(multistreams, cut=cut)) for cut in (1009, 100_000)),
        (1_000_000, bz2.compress),
    ],
)
def test_the_pieces_of_a_dump_have_each_page_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "dump.xml"
    path.write_bytes(pack(wrap(many_pages()).encode()))
    monkeypatch.setattr(dump, "CHUNK", piece)
    monkeypatch.setattr(dump, "PIECE_BYTES", piece)
    monkeypatch.setattr(dump, "PIECE_BYTES_BZIP2", piece)
    pieces = split(path)
    assert len(pieces) == -(-path.stat().st_size // piece)
    assert [page for some in pieces for page in pages(some)] == read(path)


@pytest.mark.parametrize("cut", [0, 3, 5, 37])
def test_a_tag_may_lie_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    data = a_dump(3).encode()
    path = tmp_path / "dump.xml"
    path.write_bytes(multistreams(data, cut) if cut else data)
    for size, value in {"CHUNK": 7, "PIECE_BYTES": 7, "PIECE_BYTES_BZIP2": 500}.items():
        monkeypatch.setattr(dump, size, value)
    pieces = split(path)
    assert len(pieces) > 7
    assert [page for some in pieces for page in pages(some)] == read(path)


@pytest.mark.parametrize("behind", [b"<id>70</id>", b"<title>Page 70</title>", b"\n  <page>\n    <title>Page 70"])
def test_a_cut_is_found_by_the_piece_it_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: bytes) -> None:
    data = wrap(many_pages()).encode()
    path = tmp_path / "dump.xml.bz2"
    path.write_bytes(multistreams(data[: data.index(behind)], cut=1009))
    monkeypatch.setattr(dump, "PIECE_BYTES_BZIP2", 2000)
    broken = []
    for piece in split(path):
        try:
            list(pages(piece))
        except UserError as error:
            broken.append(str(error))
    assert len(broken) == 1
    assert "its XML is cut or damaged; download it again" in broken[0]


def test_the_last_revision_is_read(tmp_path: Path) -> None:
    revisions = "".join(f"<revision><text>{text}</text></revision>" for text in ("old", "new"))
    path = tmp_path / "dump.xml"
    path.write_text(wrap([f"<page><title>P</title><ns>0</ns><id>1</id>{revisions}</page>"]))
    assert [(page.text, page.model) for page in read(path)] == [("new", "wikitext")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"{NO_DUMP}: its XML is cut or damaged; download it again"),
        (b"<mediawiki><siteinfo>", f"{NO_DUMP}: its XML is cut or damaged"),
        (b"<html><body/></html>", f"{NO_DUMP}: it holds <html>"),
        (a_dump().encode()[:-200], "cannot be read after page 103 (Page 103): its XML is cut or damaged; download"),
        (a_dump().encode().replace(b"Page 5<", b"Page < 5<"), "cannot be read after page 4 (Page 4): its XML is"),
        (bz2.compress(a_dump().encode())[:-20], f"{NO_DUMP}: it ends within the block at byte 4"),
        (gzip.compress(a_dump(500).encode(), mtime=0)[:-300], f"{NO_DUMP}: its gzip data is cut or damaged"),
        (gzip.compress(a_dump().encode(), mtime=0)[:-8] + bytes(8), f"{NO_DUMP}: its gzip data is cut or damaged"),
        (b"BZh9 not really", f"{NO_DUMP}: it holds no bzip2 block"),
        (
            wrap(["<page><title>No id</title></page>"]).encode(),
            "the page after byte 0 lacks a title, a valid id, a namespace or a revision",
        ),
        (b'<?xml version="1.0" encoding="nonsense"?>' + a_dump().encode(), f"{NO_DUMP}: its XML is cut or damaged"),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "dump.xml"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)


def test_a_stream_whose_mark_is_damaged_is_missed(tmp_path: Path) -> None:
    """As in Wikimedia's dumps, a stream holds whole pages: without it the XML would still be well formed."""
    head, *rest = (f"<page>{part}" for part in a_dump().split("<page>"))
    streams = [bz2.compress(part.encode()) for part in (head.removeprefix("<page>"), *rest)]
    streams[3] = streams[3].replace(bytes.fromhex("314159265359"), bytes.fromhex("314159265358"))
    path = tmp_path / "dump.xml.bz2"
    path.write_bytes(b"".join(streams))
    with pytest.raises(UserError, match=r"read after page 2 .*damaged within the block at byte"):
        read(path)


BOMBS = {
    "elements within elements": b"<page>" + b"<a>" * 2000,
    "elements between pages": b"<a/>" * 2000,
    "a page without an end": b"<page><title>" + b"word " * 20_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_page_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bomb: str, pack: Callable[[bytes], bytes]
) -> None:
    for size, value in {"CHUNK": 1000, "PAGE_BYTES": 10_000, "PAGE_ELEMENTS": 1000}.items():
        monkeypatch.setattr(dump, size, value)
    path = tmp_path / "dump.xml"
    path.write_bytes(pack(b"<mediawiki><siteinfo></siteinfo>" + BOMBS[bomb]))
    with pytest.raises(
        UserError, match="after byte 0: it has a page of more than 64 MB or 1,048,576 elements; download"
    ):
        read(path)


LAUGHS = '"ha">' + "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize("entity", ['""><!ENTITY b9 SYSTEM "file:///etc/hostname">', LAUGHS])
def test_no_entity_is_fetched_or_multiplies(tmp_path: Path, entity: str) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(f"<!DOCTYPE mediawiki [<!ENTITY b0 {entity}]>{wrap([a_page(1, '@')])}".replace("@", "&b9;"))
    with pytest.raises(UserError, match="its XML is cut or damaged"):
        read(path)


def test_a_block_of_any_length_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml.bz2"
    marks = bytes.fromhex("314159265359"), bytes.fromhex("177245385090")
    path.write_bytes(b"BZh9" + bytes(2_000_000).join(marks) + bytes(10))
    with pytest.raises(UserError, match="damaged within the block at byte 4"):
        read(path)
