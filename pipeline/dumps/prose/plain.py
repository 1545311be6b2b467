"""Reading text files: articles between blank lines, or corpora of which each line is a sequence."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.run.doors import bounded_lines, utf8_text

LINE_BYTES = 64 << 20  # what is in memory at once of a file without line ends
ARTICLE_CHARACTERS = 1_000_000  # a longer article becomes several, so that one fits in memory
LINES_TOGETHER = 100  # lines that make an article of a corpus without headings
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A heading of the first level, as in WikiText. Below it are ` = = Section = = `.
ARTICLE_HEADING = re.compile(r"= (?!=)(.+)(?<!=) =")


class ProseArticle(NamedTuple):
    """An article and where it stands; `id` comes from the file and may be None until `prose_articles` sets it."""

    id: Any
    title: str
    text: str
    place: str
    split: str | None = None


class BadLine(NamedTuple):
    """A line, or a row of a table, that holds no article, and the reason."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


def text_articles(path: Path) -> Iterator[ProseArticle]:
    """Yield the articles of a text file with a paragraph a line and blank lines between articles.

    An article is called after its file and its first line.
    """
    paragraphs: list[str] = []
    characters = first = 0
    for number, line in chain(text_lines(path), [(0, "")]):  # the last ends the last article
        if paragraph := line.strip():
            first = first if paragraphs else number
            paragraphs.append(paragraph)
            characters += len(paragraph)
        if paragraphs and (not paragraph or characters >= ARTICLE_CHARACTERS):
            yield _article(path, first, f"{path.name}, line {first}", paragraphs)
            paragraphs, characters = [], 0


def line_articles(path: Path, split: str | None) -> Iterator[ProseArticle]:
    """Yield the lines of a corpus, blank ones too, as articles: each from a heading to the next, or of 100 lines.

    A heading follows a blank line. Lines before the first one belong to its article.
    """
    headed = any(heading for _, _, heading in _with_headings(path))
    lines: list[str] = []
    title, characters = "", 0
    for number, line, heading in _with_headings(path):
        over = (heading and title) if headed else len(lines) == LINES_TOGETHER
        if lines and (over or characters >= ARTICLE_CHARACTERS):
            yield _article(path, number - len(lines), title or _range(split, number, lines), lines, split)
            lines, characters = [], 0
        title = heading or title
        lines.append(line)
        characters += len(line)
    yield _article(path, number - len(lines) + 1, title or _range(split, number + 1, lines), lines, split)


def _with_headings(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each line, the line, and the title if it is a heading."""
    before = ""
    for number, line in text_lines(path):
        found = None if before.strip() else ARTICLE_HEADING.fullmatch(line.strip())
        yield number, line, found[1] if found else ""
        before = line


def _range(split: str | None, stop: int, lines: list[str]) -> str:
    """Return the name of some lines that end before the line `stop`."""
    return f"{split} {stop - len(lines)}-{stop - 1}"


def _article(path: Path, number: int, title: str, lines: list[str], split: str | None = None) -> ProseArticle:
    return ProseArticle(None, title, "\n".join(lines), f"{path}, line {number}", split)


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number, from 1, and the text of each line; raises `UserError` where one is not UTF-8."""
    for number, line in byte_lines(path):
        yield number, utf8_text(line, path, number)


def byte_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the number, from 1, and the bytes of each line, without its end; one line is in memory at a time."""
    with path.open("rb") as file:
        for number, line in enumerate(bounded_lines(file, path, LINE_BYTES), start=1):
            if number == 1:
                line = line.removeprefix(BYTE_ORDER_MARK)
            yield number, line.rstrip(b"\r\n")
