import bz2
import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.corpus.dump import Dump, Page
from pipeline.run.console import UserError
from tests.dumps import a_dump, a_page, wrap


def read(path: Path) -> list[Page]:
    with Dump(path) as dump:
        return list(dump.pages())


def multistream(data: bytes) -> bytes:
    half = len(data) // 2
    return bz2.compress(data[:half]) + bz2.compress(data[half:])


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("dump.xml", bytes),
        ("dump.xml-p1p99", bytes),
        ("dump.xml.bz2", bz2.compress),
        ("dump.xml-p1p99.bz2", bz2.compress),
        ("multistream.xml.bz2", multistream),
        ("dump.xml.gz", gzip.compress),
    ],
)
def test_pages_of_any_compression(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / name
    path.write_bytes(pack(a_dump().encode()))
    with Dump(path) as dump:
        pages = list(dump.pages())
        assert dump.site.name == "enwiki"
        assert dump.site.namespace_of("Category:Kings") == 14
        assert dump.position == path.stat().st_size
        assert dump.sha1 == hashlib.sha1(path.read_bytes()).hexdigest()
    assert len(pages) == 16
    assert pages[0].id == 1
    assert pages[0].text.startswith("'''Page 1'''. The king")
    assert [(page.namespace, page.redirect, page.model) for page in pages[12:]] == [
        (0, True, "wikitext"),
        (10, False, "wikitext"),
        (0, False, "Scribunto"),
        (0, False, "wikitext"),
    ]


def test_utf_16_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    text = '<?xml version="1.0" encoding="UTF-16"?>' + wrap([a_page(1, "Здравей, свят ‎שלום")])
    path.write_bytes(text.encode("utf-16"))
    assert read(path)[0].text == "Здравей, свят ‎שלום"


def test_no_siteinfo_is_taken_for_english(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(f"<mediawiki>{a_page(1, 'Text')}</mediawiki>")
    with Dump(path) as dump:
        assert [page.text for page in dump.pages()] == ["Text"]
        assert dump.site.language == "en"


@pytest.mark.parametrize(
    ("attributes", "siteinfo", "language"),
    [
        ('xml:lang="lt"', "", "lt"),
        ('xml:lang="lt"', "<siteinfo><dbname>enwiki</dbname></siteinfo>", "lt"),
        ("", "<siteinfo><dbname>zh_min_nanwiki</dbname></siteinfo>", "zh-min-nan"),
        ("", "<siteinfo><base>https://de.wikipedia.org/wiki/Seite</base></siteinfo>", "de"),
    ],
)
def test_the_language_is_what_the_dump_says(tmp_path: Path, attributes: str, siteinfo: str, language: str) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(f"<mediawiki {attributes}>{siteinfo}{a_page(1, 'Text')}</mediawiki>")
    with Dump(path) as dump:
        list(dump.pages())
        assert dump.site.language == language


@pytest.mark.parametrize("stamp", ["<timestamp>2020-01-01T00:00:00Z</timestamp>", ""])
def test_of_two_revisions_of_one_time_the_later_wins(tmp_path: Path, stamp: str) -> None:
    revisions = "".join(f"<revision>{stamp}<text>{text}</text></revision>" for text in ("first", "second"))
    path = tmp_path / "dump.xml"
    path.write_text(wrap([f"<page><title>P</title><ns>0</ns><id>1</id>{revisions}</page>"]))
    assert [page.text for page in read(path)] == ["second"]


@pytest.mark.parametrize(("schema", "warns"), [("0.10", False), ("0.11", False), ("0.12", True), ("1.0", True)])
def test_a_newer_schema_is_read_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], schema: str, warns: bool
) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(wrap([a_page(1, "Text")], schema=schema))
    assert [page.text for page in read(path)] == ["Text"]
    assert (f"export schema {schema} is newer than 0.11" in capsys.readouterr().err) == warns


def test_the_newest_revision_wins(tmp_path: Path) -> None:
    revisions = "".join(
        f"<revision><timestamp>{stamp}</timestamp><text>{text}</text></revision>"
        for stamp, text in [("2020-01-01T00:00:00Z", "old"), ("2021-01-01T00:00:00Z", "new"), ("2019-01-01", "older")]
    )
    path = tmp_path / "dump.xml"
    path.write_text(wrap([f"<page><title>P</title><ns>0</ns><id>1</id>{revisions}</page>"]))
    assert [(page.text, page.model) for page in read(path)] == [("new", "wikitext")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a MediaWiki XML dump"),
        (b"Just text", "is not a MediaWiki XML dump"),
        (b"<html><body/></html>", "is not a MediaWiki XML dump: it holds <html>"),
        (a_dump().encode()[:-200], "ends or breaks after page 15"),
        (bz2.compress(a_dump().encode())[:-20], "truncated or corrupt after page"),
        (gzip.compress(a_dump(500).encode())[:-300], "truncated or corrupt after page"),
        (bz2.compress(b"Just text"), "is not a MediaWiki XML dump"),
        (b"BZh9 not really", "truncated or corrupt after page 0"),
        (b"7z\xbc\xaf\x27\x1c", "is 7z-compressed; unpack it"),
        (wrap(["<page><title>No id</title></page>"]).encode(), "page 1 lacks a title, a valid id or a revision"),
        (wrap([a_page(2**63, "x")]).encode(), "page 1 lacks a title, a valid id or a revision"),
        (b'<?xml version="1.0" encoding="utf-7"?>' + a_dump().encode(), "is not a MediaWiki XML dump"),
        (b'<?xml version="1.0" encoding="nonsense"?>' + a_dump().encode(), "is not a MediaWiki XML dump"),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "dump.xml"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)


def test_padding_behind_the_last_stream_belongs_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml.bz2"
    path.write_bytes(bz2.compress(a_dump().encode()) + bytes(3_000_000))
    with Dump(path) as dump:
        assert len(list(dump.pages())) == 16
        assert dump.sha1 == hashlib.sha1(path.read_bytes()).hexdigest()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read(tmp_path / "dump.xml")


def test_every_real_dump_has_the_pages_that_its_tags_say(shared: Path) -> None:
    for name, pages in {
        "ltgwiki-20170901-multistream.xml.bz2": 2004,
        "enwiki-p10p30302-shortened-multistream.xml.bz2": 206,
        "nlwiki-20140927-pages-articles-sample.xml": 21,
    }.items():
        assert len(read(shared / "data/dumps" / name)) == pages
