"""Find the verse in Project Gutenberg's plain texts of books.

The layout alone shows what is verse. Two or more blank lines end a section, one blank line ends a block:

    The Mill            a heading: all capitals, or titled words; it may end with a full stop if it begins a section

    The wheel went round, the wheel    verse: most lines begin with a capital letter
      went round,

    This was written in the spring and is     prose: wrapped, so most lines begin in the middle of a sentence
    said to be his first.

Verse belongs to the heading above it. Verse in a section with more prose than verse is a quotation, and so is verse
after that section until the next heading. A list of the book's own headings is its table of contents. Verse whose
lines start with small letters is not found; books whose copyright has ended have hardly any. A stanza that looks like
a heading (one line in capitals, only titled lines) is taken for one, and splits its poem.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.experiments.verse.poems import POEM_BREAK, STANZA_BREAK, RawPoem, Stanza, read_text, words_of
from pipeline.run.console import UserError

START = re.compile(r"\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG EBOOK.*?\*\*\*", re.DOTALL)
END = re.compile(r"\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG EBOOK|^End of (?:the )?Project Gutenberg", re.MULTILINE)
# Footnotes and their marks, illustrations, stage directions. An unclosed bracket ends with its section.
BRACKETED = re.compile(rf"\[(?:(?!{POEM_BREAK.pattern})[^\[\]])*\]")
SPEAKER = re.compile(r"^[ \t]*_[^_\n]+_[ \t]*\.[ \t]+(?=\S)", re.MULTILINE)  # in a scene, at the start of a speech
MARGIN = re.compile(r"[ \t]{3,}\d+[ \t]*$", re.MULTILINE)  # the number of a line or a page
NUMBER = re.compile(r"\d+\W*")  # alone in a line: of a page, or a year
NUMERAL = re.compile(r"(?:[ivxlc]+)\W*", re.IGNORECASE)  # alone in a block's first line: of a poem's part
CREDITS = re.compile(r"(?:Produced|E-text prepared|Transcribed) by ")
SHORT_WORD = 3  # letters of a word that needs no capital in a title
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
        blocks = [block for block in section if not CREDITS.match(block[0]) and not is_contents(block, headings)]
        verse = [block for block in blocks if len(block) > 1 and is_verse(block)]
        prose = sum(len(block) for block in blocks if len(block) > 1 and not is_verse(block) and not is_heading(block))
        quotes = prose > sum(map(len, verse))
        for number, block in enumerate(blocks):
            alone = len(block) == 1 and (not verse or (number == 0 and is_heading([block[0].rstrip(".")])))
            if alone or is_heading(block):
                if block[0].startswith("("):  # a subtitle
                    continue
                if stanzas:
                    yield RawPoem(stanzas, title)
                title, stanzas, under_heading = " ".join(block), [], True
            elif under_heading and not quotes and (len(block) == 1 or is_verse(block)):
                stanzas.append(block)
        under_heading &= not quotes
    if stanzas:
        yield RawPoem(stanzas, title)


def is_verse(block: Stanza) -> bool:
    """Whether most lines after the first begin with a capital, and fewer than half have a digit."""
    starts = [_first_letter(line) for line in block[1:]]
    digits = sum(any(map(str.isdigit, line)) for line in block)
    return 2 * sum(letter.isupper() for letter in starts) > len(starts) and 2 * digits < len(block)


def is_heading(block: Stanza) -> bool:
    """Whether a block is all capitals, or lines of titled words that do not end like a sentence."""
    letters = [character for line in block for character in line if character.isalpha()]
    return (bool(letters) and all(map(str.isupper, letters))) or all(map(_is_titled, block))


def is_contents(block: Stanza, headings: set[tuple[str, ...]]) -> bool:
    """Whether at least two lines, and a quarter of all, are `headings` (as words), ignoring page numbers."""
    listed = sum(tuple(words_of(line.rstrip(" .0123456789"))) in headings for line in block)
    return len(block) > 1 and listed > 1 and listed >= LISTED_SHARE * len(block)


def _sections(text: str) -> Iterator[list[Stanza]]:
    """Yield the blocks of each section without brackets, marks of italics, speakers, rules and numerals."""
    for pattern in (SPEAKER, BRACKETED, MARGIN):
        text = pattern.sub("", text)
    for section in POEM_BREAK.split(text.replace("_", "")):
        blocks = ([" ".join(line.split()) for line in block.split("\n")] for block in STANZA_BREAK.split(section))
        worded = [
            [line for row, line in enumerate(block) if words_of(line) and not _is_number(line, row)] for block in blocks
        ]
        if any(worded):
            yield [block for block in worded if block]


def _is_number(line: str, row: int) -> bool:
    return bool(NUMBER.fullmatch(line) or (row == 0 and NUMERAL.fullmatch(line)))


def _is_titled(line: str) -> bool:
    line = re.sub(r" \(.*\)$", "", line)
    letters = [_first_letter(word) for word in line.split() if len(word) > SHORT_WORD]
    ends = [_first_letter(word) for word in (line.split()[0], line.split()[-1])]
    return all(map(str.isupper, [*letters, *ends])) and line[-1].isalnum()


def _first_letter(line: str) -> str:
    return next((character for character in line if character.isalpha()), "")
