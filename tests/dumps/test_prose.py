"""Text files: articles between blank lines, headings of corpora, lines of any length."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.dumps.prose.columns import parquet_articles
from pipeline.dumps.prose.plain import ARTICLE_HEADING, ProseArticle, line_articles, text_articles
from pipeline.run.errors import UserError


def test_a_blank_line_ends_an_article(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes("\ufeffOne.\r\n  Two. \r\n\r\n \t\nThree.\n\n\n".encode())
    found = [(article.title, article.text, article.place) for article in text_articles(path)]
    assert found == [
        ("own.txt, line 1", "One.\nTwo.", f"{path}, line 1"),
        ("own.txt, line 5", "Three.", f"{path}, line 5"),
    ]


def test_a_file_without_blank_lines_becomes_several_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.dumps.prose.plain.ARTICLE_CHARACTERS", 10)
    (tmp_path / "own.txt").write_text("12345\n" * 5)
    found = [(article.title, article.text) for article in text_articles(tmp_path / "own.txt")]
    assert found == [(f"own.txt, line {n}", "\n".join(["12345"] * lines)) for n, lines in ((1, 2), (3, 2), (5, 1))]


@pytest.mark.parametrize("read", [text_articles, lambda path: line_articles(path, "train")])
def test_a_line_that_is_not_utf8_is_named(tmp_path: Path, read: Callable[[Path], Iterable[ProseArticle]]) -> None:
    (tmp_path / "own.txt").write_bytes("One.\ncaf\u00e9\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"own\.txt, line 2: is not UTF-8 text: .* at byte 3; save it"):
        list(read(tmp_path / "own.txt"))


def test_a_line_that_does_not_fit_in_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.dumps.prose.plain.LINE_BYTES", 6)
    path = tmp_path / "own.txt"
    path.write_text("12345\n123456\n1234567")
    with pytest.raises(UserError, match=r"own\.txt, line 3: is longer than 6 bytes"):
        list(text_articles(path))


def test_headings_of_the_first_level() -> None:
    lines = ["= Du Fu =", "= 2 + 2 = 4 =", "= = Section = =", "= = = Deeper = = =", "=", "= =", "a = b", "= a"]
    assert [found[1] for line in lines if (found := ARTICLE_HEADING.fullmatch(line))] == ["Du Fu", "2 + 2 = 4"]


def test_a_letter_that_a_checksum_of_parquet_tells_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    pq.write_table(pa.table({"text": ["Some prose."]}), path, compression="none", write_page_checksum=True)
    path.write_bytes(path.read_bytes().replace(b"Some prose.", b"Same prose.", 1))
    with pytest.raises(UserError, match=r"own\.parquet: is damaged after row 0 .*CRC"):
        list(parquet_articles(path, {"id": None, "title": None, "text": "text"}))
