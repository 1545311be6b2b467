"""Books of Project Gutenberg: their plain texts, and the verse in them.

A book's text lies between a header and the licence, which are marked. Two or more blank lines end a section, one blank
line ends a block:

    The Mill            a heading: one line, all capitals, or titled words

    The wheel went round, the wheel    verse: most lines begin with a capital letter
      went round,

    This was written in the spring and is     prose: wrapped, so most lines begin in the middle of a sentence
    said to be his first.

Verse belongs to the heading above it. Verse in a section with more prose is a quotation, and no verse follows it until
the next heading. No verse stands below the headings of a list, an index or notes. A stanza that looks like a heading is
taken for one, and splits its poem.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pipeline.dumps.fetch import RemoteFile, fetch
from pipeline.dumps.web import Web
from pipeline.experiments.verse.poems import POEM_BREAK, STANZA_BREAK, RawPoem, Stanza, read_verse, words_of
from pipeline.run.errors import UserError
from pipeline.run.runtime import Runtime

MIRROR = "https://www.gutenberg.org"
# Patterns take time in proportion to a text of any kind: none may look through the rest of it from each place again.
EBOOK_STARTS = re.compile(r"\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG EBOOK")
EBOOK_ENDS = re.compile(r"\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG EBOOK|^End of (?:the )?Project Gutenberg", re.M)
BRACKETS = re.compile(rf"\[(?:(?!{POEM_BREAK.pattern})[^][])*+\]")  # what is never closed ends with its section
ASIDE = re.compile(r"\s*(?:(?:\[\w+\]|[*†‡]+)[ \t]+\w|\([^\n]*\)\s*$)")  # a footnote, or an editor's remark
REMOVED = re.compile(  # notes and their marks, marks of italics, numbers in a margin, of pages and of parts
    r"\[[^][]*\]|\{[^{}\n]*\}|[_=]|(?<![*†‡])[*†‡]+$"
    r"|(?<=\S)[ \t]{2,}\d+$|^[ \t]*\d+[ \t]{2,}(?=\S)|^\W*(?:\d+|[IVXLC]+)\W*$",
    re.M,
)
PARTS = re.compile(  # headings of parts without verse
    r"(?:table of )?contents\b.*|list of .*|index\b.*|(?:foot|end)?notes?\W*|transcriber.*|glossary|errata|preface"
    r"|introduction|bibliography|by the same author.*|(?:.* )?(?:books|works) by .*|the end|finis",
    re.I,
)
is_part = lru_cache(maxsize=1)(PARTS.fullmatch)  # asked of a title for each of its stanzas
NOTE_LINES = 5  # of prose between a heading and its poem, at most


def fetch_books(numbers: Sequence[int], folder: Path, runtime: Runtime) -> list[Path]:
    """Return the files of ebooks in `folder`; what it lacks is downloaded."""
    books = {f"pg{number}.txt": f"{MIRROR}/cache/epub/{number}/pg{number}.txt" for number in numbers}
    files = [RemoteFile(url, name, "sha256", None) for name, url in books.items()]
    return [Path(entry.path) for entry in fetch(files, folder, Web(runtime.contact), runtime.connections)]


def read_book(path: Path) -> tuple[list[RawPoem], int]:
    """Return the poems of an ebook, and the number of its other lines, excluding the licence."""
    if (body := _body(read_verse(path))) is None:
        raise UserError(f"{path}: is not an ebook of Project Gutenberg: lacks *** START OF or *** END OF; remove it")
    poems = find_verse(body)
    lines = sum(1 for line in body.split("\n") if line.strip())
    return poems, lines - sum(len(stanza) for poem in poems for stanza in poem.stanzas)


def _body(text: str) -> str | None:
    """Return what lies between the marks of an ebook; None without them."""
    if start := EBOOK_STARTS.search(text):
        begin = text.find("***", start.end()) + 3  # behind the title
        if begin > start.end() and (end := EBOOK_ENDS.search(text, begin)):
            return text[begin : end.start()]
    return None


def find_verse(text: str) -> list[RawPoem]:
    """Return the poems of a book, by the rules above."""
    poems = [RawPoem([])]
    for section in POEM_BREAK.split(BRACKETS.sub(lambda found: "*" if "\n" in found[0] else found[0], text)):
        blocks = [block for part in STANZA_BREAK.split(section) if (block := _lines(part))]
        kinds = [kind_of(block) for block in blocks]
        lines = Counter(kind for kind, block in zip(kinds, blocks, strict=True) for _ in block)
        verse, prose = lines["verse"], lines["prose"]
        for number, (kind, block) in enumerate(zip(kinds, blocks, strict=True)):
            alone = len(block) == 1 and (number == 0 or not verse)
            if kind == "heading" or alone or (block[0].isupper() and PARTS.fullmatch(block[0])):
                poems.append(RawPoem([], " ".join(block)))
            elif kind == "verse" and verse >= prose and (title := poems[-1].title) and not is_part(title):
                poems[-1].stanzas.append(block)
        if prose > max(verse, NOTE_LINES):
            poems.append(RawPoem([]))  # no verse follows until the next heading
    return [poem for poem in poems if poem.stanzas]


def kind_of(block: Stanza) -> Literal["heading", "verse", "prose"]:
    """Return what a block is.

    A heading is all capitals, or lines of titled words that do not end like a sentence. In verse most lines after the
    first begin with a capital, and fewer than half have a digit.
    """
    text = " ".join(block)
    has_long = any(len(word) > 3 for word in words_of(text))
    titled = has_long and all(word.lstrip("\"'“‘(")[:1].isupper() for word in text.split() if len(word) > 3)
    if text.isupper() or (titled and all(line[-1].isalnum() for line in block)):
        return "heading"
    capitals = sum(line.lstrip("\"'“‘(—- ")[:1].isupper() for line in block[1:])
    digits = sum(any(map(str.isdigit, line)) for line in block)
    return "verse" if (2 * capitals >= len(block) or len(block) == 1) and 2 * digits < len(block) else "prose"


def _lines(block: str) -> Stanza:
    """Return the lines of a block that have words, without what an edition adds."""
    if ASIDE.match(block):
        return []
    lines = (" ".join(REMOVED.sub("", line).split()) for line in block.split("\n"))
    return [line for line in lines if words_of(line)]
