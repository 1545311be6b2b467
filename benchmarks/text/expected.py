"""The text that a reader sees of a page, from its HTML: text that a stripper must show, and text that it may show.

Characters are compared, without blanks. Every tool may show or leave out the text that this project leaves out by
policy:

- headings, tables, preformatted blocks, files with their captions, the text of references (where they are cited),
  readings in ruby text, addresses, lines without any letter, and lines that begin with the sign of a table's cells
- a namespace or another wiki's prefix before the title that a link shows
- punctuation next to anything that may be left out
- brackets, braces, bars, doubled apostrophes and known tags that a reader sees because they are unpaired
- the signs that begin a list's items; a tool's line with a heading's signs around it
"""

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple


def _names(table: str) -> frozenset[str]:
    return frozenset(table.split())


VOID = _names("area base br col embed hr img input link meta param source track wbr")
BLOCKS = _names(
    """address article aside blockquote br caption center dd details dir div dl dt figcaption figure footer form h1 h2
    h3 h4 h5 h6 header hr li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul"""
)
OPTIONAL = _names("h1 h2 h3 h4 h5 h6 table pre figure rt rp rtc img")
OPTIONAL_CLASSES = _names("free thumb gallery floatleft floatright floatnone")
HIDDEN = _names("script style title template audio video map")
HIDDEN_CLASSES = _names(
    """mw-editsection toc mw-references-wrap mw-references references autonumber error mw-cite-backlink
    mw-ext-cite-error"""
)
NOTE = re.compile(r"#(cite_note-.*)$")
PREFIX = re.compile(r"\s*+(?:[^\s:#|_]++[ _]?)++:(?!//)\s*+")
ADDRESS = re.compile(r"((?:https?:|ftp:|irc:|\b)//[^\s<>\"\[\]]+)")
HEADING = re.compile(r"(?m)^(=+)[^=\n].*\1\s*$")
MARKS = "*#:;"  # of lists
SIGNS = re.compile(
    r"([\[\]{}|]|''+|</?(?:nowiki|references|ref|pre|gallery|includeonly|noinclude|onlyinclude|div|span|b|i)/?>)"
)
INVISIBLE = "\xad\u200b\u200e\u200f"


class Segment(NamedTuple):
    """A piece of contiguous text, which a tool may leave out if it is `optional`."""

    text: str
    optional: bool


class Element(NamedTuple):
    """An open element, and the properties of the text in it."""

    name: str
    hidden: bool = False
    optional: bool = False
    titled: bool = False  # a link whose title has a prefix
    note: str = ""  # the id of the reference that it holds
    noted: bool = False  # whether it is that reference's text


class _Reader(HTMLParser):
    """Collects the segments of a page, and the texts of its references by their ids."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("")]
        self.found: list[Segment] = []
        self.cited: dict[int, str] = {}  # which of the segments stands for which reference
        self.notes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes, outer = set(given.get("class", "").split()), self.open[-1]
        kind, style, title = (given.get(name, "") for name in ("typeof", "style", "title"))
        hidden = tag in HIDDEN or not classes.isdisjoint(HIDDEN_CLASSES) or "mw:Extension/ref" in kind
        hidden = hidden or "display:none" in style.replace(" ", "")
        optional = tag in OPTIONAL or not classes.isdisjoint(OPTIONAL_CLASSES) or title.startswith("File:")
        optional = optional or "mw:File" in kind or "mw:Image" in kind
        if tag in BLOCKS:
            self.found.append(Segment("\n", False))
        elif hidden or tag == "img":
            self.found.append(Segment("", True))
        if tag == "sup" and "reference" in classes:
            hidden = True
        elif tag == "a" and (cited := NOTE.search(given.get("href", ""))) and outer.hidden:
            self.cited[len(self.found)] = cited[1]
            self.found.append(Segment("", True))
        if tag not in VOID:
            self.open.append(
                Element(
                    tag,
                    outer.hidden or hidden,
                    outer.optional or optional,
                    tag == "a" and "external" not in classes,
                    given["id"] if given.get("id", "").startswith("cite_note-") else outer.note,
                    outer.noted or bool({"reference-text", "mw-reference-text"} & classes),
                )
            )

    def handle_endtag(self, tag: str) -> None:
        if any(element.name == tag for element in self.open):
            while self.open.pop().name != tag:
                pass
        if tag in BLOCKS:
            self.found.append(Segment("\n", False))

    def handle_data(self, data: str) -> None:
        element = self.open[-1]
        if element.noted:
            self.notes[element.note] = self.notes.get(element.note, "") + data
        if element.hidden:
            return
        while element.titled and (prefix := PREFIX.match(data)):
            self.found.append(Segment(prefix[0], True))
            data = data[prefix.end() :]
        for number, part in enumerate(ADDRESS.split(data)):
            self.found.append(Segment(part, element.optional or number % 2 == 1))


def segments(html: str) -> list[Segment]:
    """Return the text of a page in segments, without blanks."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for number, note in reader.cited.items():
        reader.found[number] = Segment(reader.notes.get(note, "").replace("\n", " "), True)
    lines: list[list[Segment]] = [[]]
    for piece in reader.found:
        first, *rest = piece.text.split("\n")
        lines[-1].append(piece._replace(text=first))
        lines += [[piece._replace(text=line)] for line in rest]
    return [segment for line in lines for segment in _loosened(line) if segment.text]


def _loosened(line: list[Segment]) -> Iterator[Segment]:
    """Yield a line's segments, optional where policy lets a tool leave them out."""
    whole = "".join(text for text, optional in line if not optional).strip()
    prose = any(map(str.isalpha, whole)) and not HEADING.match(whole) and whole[0] not in "|!"
    pieces = [(without_blanks(text), optional) for text, optional in line]
    started = False
    for number, (text, optional) in enumerate(pieces):
        text = text if started else text.lstrip(MARKS)
        started = started or bool(text)
        if optional or not prose:
            yield Segment(text, True)
            continue
        start, end = 0, len(text)
        if number and pieces[number - 1][1]:
            start = next((at for at, sign in enumerate(text) if not _is_punctuation(sign)), end)
        if number + 1 < len(pieces) and pieces[number + 1][1]:
            end = next((at for at in range(end, start, -1) if not _is_punctuation(text[at - 1])), start)
        yield from (Segment(sign, True) for sign in text[:start])
        for part in SIGNS.split(text[start:end]):
            if part.startswith("''"):
                yield from (Segment(sign, True) for sign in part)
            else:
                yield Segment(part, bool(SIGNS.fullmatch(part)))
        yield from (Segment(sign, True) for sign in text[end:])


def _is_punctuation(sign: str) -> bool:
    return unicodedata.category(sign).startswith("P")


def without_blanks(text: str) -> str:
    """Return `text` without blanks and invisible signs, in composed characters."""
    return "".join(sign for sign in unicodedata.normalize("NFC", text) if not sign.isspace() and sign not in INVISIBLE)


def agrees(text: str, expected: list[Segment]) -> bool:
    """Return whether a tool's text is the expected segments in order, without some of the optional ones."""
    text = HEADING.sub("", text)
    shown = "".join(without_blanks(line).lstrip(MARKS) for line in text.split("\n"))
    ends = {0}
    for segment in expected:
        further = {end + len(segment.text) for end in ends if shown.startswith(segment.text, end)}
        ends = ends | further if segment.optional else further
    return len(shown) in ends
