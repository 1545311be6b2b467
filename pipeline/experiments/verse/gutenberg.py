"""Find the verse in Project Gutenberg's plain texts of books.

The layout alone shows what is verse. Two or more blank lines end a section, one blank line ends a block:

    The Mill            a heading: all capitals, or titled words; it may end with a full stop if it begins a section

    The wheel went round, the wheel    verse: most lines begin with a capital letter
      went round,

    This was written in the spring and is     prose: wrapped, so most lines begin in the middle of a sentence
    said to be his first.

Verse belongs to the heading above it. Verse in a section with more prose than verse is a quotation, and so is verse
after that section until the next heading; only a heading with a short note below it keeps the verse after them. No
verse stands below the headings of an index, a glossary and other parts that an editor or a printer added. A list of the
book's own headings is its table of contents. Verse whose lines start with small letters is not found; books whose
copyright has ended have hardly any. A stanza that looks like a heading (one line in capitals, only titled lines) is
taken for one, and splits its poem.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.experiments.verse.poems import POEM_BREAK, STANZA_BREAK, RawPoem, Stanza, read_text, words_of
from pipeline.run.errors import UserError

START = re.compile(r"\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG EBOOK.*?\*\*\*", re.DOTALL)
END = re.compile(r"\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG EBOOK|^End of (?:the )?Project Gutenberg", re.M | re.I)
# Footnotes and their marks, illustrations, stage directions. An unclosed bracket ends with its section.
BRACKETED = rf"\[(?:(?!{POEM_BREAK.pattern})[^\[\]])*\]|\{{[^{{}}\n]*\d\}}"
FOOTNOTE = r"(?<=\n\n)[ \t]*(?:\[(?:\d+|[A-Z])\]|[*†‡]+)[ \t]+(?=[^\s*])(?:.+\n?)+"  # a block that begins with a mark
BOX = r"[ \t]*(?:\|.*\||\+[-=+]+)[ \t]*"  # around a transcriber's note
NO_WORDS = "*"  # in place of what is removed, so that no blank lines meet
REMOVED = [
    (re.compile(FOOTNOTE), NO_WORDS + "\n"),
    (re.compile(rf"^(?:{BOX})$", re.M), NO_WORDS),
    (re.compile(r"^[ \t]*_[^_\n]+_[ \t]*\.[ \t]+(?=\S)", re.M), ""),  # in a scene, the speaker
    (re.compile(r"(?<=\S)[ \t]{2,}\d+$", re.M), ""),  # in a margin, the number of a line or a page
    (re.compile(r"^[ \t]*\d+[ \t]{2,}(?=\S)", re.M), ""),
]
NUMBER = re.compile(r"\W*\d+\W*")  # alone in a line: of a page, or a year
NUMERAL = re.compile(r"(?:[ivxlc]+)\W*", re.I)  # alone in a block's first line: of a poem's part
YEAR = re.compile(r"\b1[5-9]\d\d\b")  # in a line of its own: when or where a poem was written
CREDITS = re.compile(r"(?:Produced|E-text prepared|Transcribed|This e-?(?:book|text) was \w+) (?:by|from) ", re.I)
LINK = re.compile(r"https?://|www\.")
APPARATUS = re.compile(  # headings of parts without verse
    r"(?:table of )?contents|index( of .*)?|(?:foot|end)?notes?|transcriber.?s.? notes?|glossary|errata"
    r"|list of illustrations|bibliography|by the same author|(?:other )?(?:books|works) by .*|the end|finis",
    re.I,
)
SHORT_WORD = 3  # letters of a word that needs no capital in a title
NOTE_LINES = 6  # of a note between a heading and its poem, at most
LISTED_SHARE = 0.25  # of a block's lines that are headings; the other lines explain them


def read_book(path: Path) -> tuple[list[RawPoem], int]:
    """Return the poems of an ebook, and the number of its other lines, excluding the license."""
    text = read_text(path)
    start, end = START.search(text), END.search(text)
    if not start or not end or end.start() < start.end():
        raise UserError(
            f"{path}: is not an ebook of Project Gutenberg: it lacks a *** START OF or *** END OF line; remove it"
        )
    body = text[start.end() : end.start()]
    poems = list(find_verse(body))
    verse = sum(len(stanza) for poem in poems for stanza in poem.stanzas)
    return poems, sum(1 for line in body.split("\n") if line.strip()) - verse


def find_verse(text: str) -> Iterator[RawPoem]:
    """Yield the poems of a book, by the rules above."""
    sections = list(_sections(text))
    headings = {tuple(words_of(block[0])) for section in sections for block in section if len(block) == 1}
    title: str | None = None
    stanzas: list[Stanza] = []
    under_heading = False  # whether verse belongs to `title`
    for section in sections:
        blocks = [block for block in section if not is_credits(block) and not is_contents(block, headings)]
        verse = [block for block in blocks if len(block) > 1 and is_verse(block)]
        prose = sum(len(block) for block in blocks if len(block) > 1 and not is_verse(block) and not is_heading(block))
        quotes = prose > sum(map(len, verse))
        note = bool(blocks) and is_heading(blocks[0]) and not verse and prose <= NOTE_LINES
        for number, block in enumerate(blocks):
            alone = len(block) == 1 and (not verse or (number == 0 and is_heading([block[0].rstrip(".")])))
            if alone or is_heading(block):
                if block[0].startswith("("):  # a subtitle
                    continue
                if stanzas:
                    yield RawPoem(stanzas, title)
                title, stanzas = " ".join(block), []
                under_heading = not APPARATUS.fullmatch(title.rstrip(" .:"))
            elif under_heading and not quotes and (is_verse(block) if len(block) > 1 else is_line(block[0], stanzas)):
                stanzas.append(block)
        under_heading &= note or not quotes
    if stanzas:
        yield RawPoem(stanzas, title)


def is_verse(block: Stanza) -> bool:
    """Return whether most lines after the first begin with a capital, and fewer than half have a digit."""
    starts = [_first_letter(line) for line in block[1:]]
    digits = sum(any(map(str.isdigit, line)) for line in block)
    return 2 * sum(letter.isupper() for letter in starts) > len(starts) and 2 * digits < len(block)


def is_line(line: str, before: list[Stanza]) -> bool:
    """Return whether a block of one line is verse: it has no year and is no remark below a title, in parentheses."""
    remark = not before and line.startswith("(") and line.endswith(")")
    return not remark and not YEAR.search(line)


def is_heading(block: Stanza) -> bool:
    """Return whether a block is all capitals, or lines of titled words that do not end like a sentence."""
    letters = [character for line in block for character in line if character.isalpha()]
    return (bool(letters) and all(map(str.isupper, letters))) or all(map(_is_titled, block))


def is_credits(block: Stanza) -> bool:
    """Return whether a block says who made the ebook, or where its images are."""
    return bool(CREDITS.match(block[0])) or any(map(LINK.search, block))


def is_contents(block: Stanza, headings: set[tuple[str, ...]]) -> bool:
    """Return whether at least two lines, and a quarter of all, are `headings` (as words), ignoring page numbers."""
    listed = sum(tuple(words_of(line.rstrip(" .0123456789"))) in headings for line in block)
    return len(block) > 1 and listed > 1 and listed >= LISTED_SHARE * len(block)


def _sections(text: str) -> Iterator[list[Stanza]]:
    """Yield the blocks of each section without notes, marks of italics and footnotes, speakers, rules and numerals."""
    text = "\n".join(map(str.rstrip, text.split("\n")))
    for pattern, put in REMOVED:
        text = pattern.sub(put, text)
    text = _without_brackets(text).replace("_", "").replace("=", "")
    for section in POEM_BREAK.split(text):
        blocks = ([_cleaned(line) for line in block.split("\n")] for block in STANZA_BREAK.split(section))
        worded = [
            [line for row, line in enumerate(block) if words_of(line) and not _is_number(line, row)] for block in blocks
        ]
        if any(worded):
            yield [block for block in worded if block]


def _without_brackets(text: str) -> str:
    """Return the text without brackets, also those within brackets."""
    alone, inside = re.compile(rf"^[ \t]*(?:{BRACKETED})[ \t]*$", re.M), re.compile(BRACKETED)
    before = ""
    while text != before:
        before, text = text, inside.sub("", alone.sub(NO_WORDS, text))
    return text


def _cleaned(line: str) -> str:
    return " ".join(line.split()).rstrip("*†‡")


def _is_number(line: str, row: int) -> bool:
    return bool(NUMBER.fullmatch(line) or (row == 0 and NUMERAL.fullmatch(line)))


def _is_titled(line: str) -> bool:
    line = re.sub(r" \(.*\)$", "", line)
    letters = [_first_letter(word) for word in line.split() if len(word) > SHORT_WORD]
    ends = [_first_letter(word) for word in (line.split()[0], line.split()[-1])]
    return all(map(str.isupper, [*letters, *ends])) and line[-1].isalnum()


def _first_letter(line: str) -> str:
    return next((character for character in line if character.isalpha()), "")
