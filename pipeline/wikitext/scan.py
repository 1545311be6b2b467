"""The linear pre-scan: elements, templates and tables that are not prose leave the text before anything else.

Each pass reads the text once, keeps a stack of what is open and cuts what closes. An opener without its
closer loses only its own markup, so it never takes the prose behind it. Nothing here backtracks: time grows
with the text alone.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NamedTuple

from pipeline.wikitext.entities import decoded
from pipeline.wikitext.reserved import APART as APART
from pipeline.wikitext.reserved import APOSTROPHE as APOSTROPHE
from pipeline.wikitext.reserved import ESCAPE as ESCAPE
from pipeline.wikitext.reserved import MARK as MARK
from pipeline.wikitext.reserved import PROTECT, SEPARATOR
from pipeline.wikitext.reserved import RESERVED as RESERVED
from pipeline.wikitext.reserved import restore as restore

# Cutting after one of these, or before one of those, can leave orphaned punctuation. French has a space before
# some of its punctuation.
EXPOSED = frozenset('\n \t([{/（［,;:、，；：،–—-\xa0\u200e\u200f\u061c"«“„「')
UNCOVERED = frozenset(f"{blank}{stop}" for blank in " \t\xa0" for stop in ",.)]、。，）］")

Span = tuple[int, int, str | None]  # start, end, what to show instead; None where nothing is

RAW = "pre|syntaxhighlight|source|math|score|timeline"  # whatever looks like markup in these is none
NOT_PROSE = (
    "ref|references|chem|ce|gallery|imagemap|graph|hiero|inputbox|templatedata|mapframe|maplink|indicator|includeonly"
    f"|style|script|categorytree|poll|rss|table|rt|rp|{RAW}"
)
# A quoted attribute may hold angle brackets, if it is surely no quote that never ends; a comment may stand in a tag.
ATTRIBUTES = r"""[^<>]*+(?=>)|(?:[^<>="]++|="[^"\n/=]*+"(?=[\s/>])|[="]|<!--[^<>]*+>)*+"""
UNWRAPPED = ("noinclude", "onlyinclude")  # these tags may stand inside others
ELEMENT = re.compile(
    rf"<(?:!--|(/?)({NOT_PROSE}|nowiki|{'|'.join(UNWRAPPED)})(?=[\s/>])({ATTRIBUTES})>)", re.IGNORECASE
)
COMMENT, NOWIKI = "!--", "nowiki"
# What is read up to its closer, come what may; an element's next opener says that it was never closed.
LITERAL = {COMMENT: re.compile("-->"), NOWIKI: re.compile(r"<(/)nowiki\s*+>", re.IGNORECASE)} | {
    name: re.compile(rf"<(/?){name}(?=[\s/>])[^<>]*+>", re.IGNORECASE) for name in RAW.split("|")
}
HEADING = "\n=="  # no element, template or table reaches over one: its opener was never closed
BREAK = "\n\n"  # a reference or a template inside a line that is long and reaches over one, neither
LONGEST_INLINE = 3_000
LONGEST = 200_000  # characters that a template or table may take; more, and its opener counts as unclosed
NEAR, MARKUP_ENDS = 10, frozenset("\n>]}|=*#:;_")
LONGEST_PROSE, LONGEST_NAME, DEEPEST = 5_000, 80, 10  # beyond these a template is dropped unread

WORD_STARTS = frozenset("\"'“„«‘’–—-/")  # a word may stand behind these; behind a bracket, rather its pronunciation
BRACES = re.compile(r"\{\{+|\}\}+")
UNCLOSED = re.compile(r"\{\{[^{}|\n]{0,80}+(?=\n[ \t]*+\|)")  # the name of an infobox whose parameters follow
TABLE = re.compile(
    r"\n[ \t:*#;\x02]*+(?:(\{\|(?:[ \t]*+[\w-]++[ \t]*+=[ \t]*+(?:\"[^\"\n]*+\"|[^\s\"]++))*+)|\|\}(?!\}))"
)


def splice(text: str, spans: Iterable[Span]) -> str:
    """`text` with each of the ordered, disjoint `spans` replaced."""
    pieces, position = [], 0
    for start, end, shown in spans:
        pieces.append(text[position:start])
        if shown is None:
            marked = (start > position and text[start - 1] in EXPOSED) or text[end : end + 2] in UNCOVERED
            shown = MARK if marked else ""
        elif shown.startswith(APART):
            shown = shown.replace(APART, " " if text[start - 1 : start].isdigit() else "", 1)
        pieces.append(shown)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def without_elements(text: str) -> str:
    """`text` without comments and the elements in `NOT_PROSE`; what `<nowiki>` holds is kept as it is."""
    if "<" not in text:
        return text
    spans: list[Span] = []
    opened: dict[str, tuple[int, int]] = {}  # element name -> index of its opener in spans, and where it starts
    outer: tuple[int, int] | None = None  # the same of a reference's opener that another one followed
    inner = -1  # the index in spans of the reference that other one became
    absent: set[str] = set()  # the names in LITERAL of which no closer is left
    headings, breaks = _starts(HEADING, text), _starts(BREAK, text)
    resume = 0
    for match in ELEMENT.finditer(text):
        start, end = match.span()
        if start < resume:  # inside a comment or another literal
            continue
        closing, name, attributes = match.groups()
        name = name.lower() if name else COMMENT
        if name in LITERAL and not closing:
            spans.append(_literal(text, name, start, end, absent))
            resume = spans[-1][1]
        elif name in UNWRAPPED:
            spans.append((start, end, ""))
        elif closing:
            index, begin = opened.pop(name, (len(spans), start))
            closes = index < len(spans) and spans[index][0] == begin and not _holds(headings, begin, end)
            closes = closes and not (name == "ref" and _runs_away(breaks, begin, end))
            if closes:
                del spans[index:]
                inner = index if name == "ref" else inner
            elif name == "ref" and outer and outer[0] < inner and text.find("\n", outer[1], end) < 0:
                # Of two references in one another, the first closer closes the first opener.
                spans[outer[0] : inner + 1] = [(outer[1], spans[inner][1], None)]
                outer = None
            spans.append((begin if closes else start, end, None))
        else:
            # Only the opener, for now: it is widened once its closer is met.
            if not attributes.endswith("/"):
                outer = opened.get(name, outer) if name == "ref" else outer
                opened[name] = len(spans), start
            spans.append((start, end, None))
    return splice(text, spans)


def _literal(text: str, name: str, start: int, end: int, absent: set[str]) -> Span:
    """A comment, `<nowiki>` or raw element with what is in it, whose opener stands from `start` to `end`."""
    if text.startswith("/>", end - 2):
        return start, end, SEPARATOR if name == NOWIKI else None
    closer = None if name in absent else LITERAL[name].search(text, end)
    if not closer:
        absent.add(name)
        return start, end, None
    if name == COMMENT:
        # At the start of a line it changes nothing about the line, and one that fills the line is none.
        first, last = text[start - 1 : start] in ("", "\n"), closer.end()
        return start, last + (first and text.startswith("\n", last)), "" if first else None
    if not closer[1]:
        return start, end, None
    shown = decoded(text[end : closer.start()]).translate(PROTECT) if name == NOWIKI else None
    return start, closer.end(), shown if shown is None else f"{SEPARATOR}{shown}{SEPARATOR}"


class Place(Enum):
    """Where a template stands."""

    APART = "apart"  # on lines of its own, in a table or in the arguments of a box
    INLINE = "inline"  # in a line of prose, as a note stands behind a word
    WORD = "word"  # in a sentence, where a word could be


Show = Callable[[str, Callable[[], str], Place], tuple[str | None, Any]]


class Use(NamedTuple):
    """A template in a line of prose: its name, and how it was found what it shows."""

    name: str
    how: Any


class Template(NamedTuple):
    """A template that closed: what it reads as, how deep the templates in it are nested, and how that was found."""

    span: Span
    height: int
    place: Place
    use: Use


def without_templates(text: str, show: Show, apart: str = "|!=") -> tuple[str, list[Use]]:
    """Return `text` with what `show` makes of its templates, innermost first, and the outermost ones in prose.

    `show` gets the name of a template, a function that returns what stands between the braces, and the place. Lines
    that begin with a sign in `apart` hold no prose. Templates that are long or deeply nested are never shown, which
    keeps the time linear.
    """
    if "{{" not in text:
        return text, []
    found: list[Template] = []
    stack: list[tuple[int, int]] = []  # where a run of braces starts, and how many of them are unmatched
    headings, breaks = _starts(HEADING, text), _starts(BREAK, text)
    for match in BRACES.finditer(text):
        position, end = match.span()
        if text[position] == "{":
            stack.append((position, end - position))
            continue
        while stack and end - position > 1:
            opener, count = stack.pop()
            taken = min(count, end - position, 3)
            begin = opener + count - taken
            position += taken
            if count - taken > 1:
                stack.append((opener, count - taken))
            if position - begin > LONGEST or _holds(headings, begin, position):
                continue  # it was never closed: these braces belong to nothing
            if _runs_away(breaks, begin, position) and _is_after_prose(text, begin):
                continue
            index = len(found)
            while index and found[index - 1].span[0] >= begin:
                index -= 1
            before = found[index - 1] if index and found[index - 1].span[1] == begin else None
            inside = found[index:]
            too_long = position - begin > LONGEST_PROSE
            place = Place.APART if too_long else _place(text, begin, position, before, apart)
            found[index:] = [_read(text, begin, position, taken, inside, show, place)]
    text = splice(text, [template.span for template in found])
    uses = [template.use for template in found if template.use.how and template.place is not Place.APART]
    return UNCLOSED.sub("", text) if "{{" in text else text, uses


def _read(text: str, begin: int, end: int, braces: int, inside: list[Template], show: Show, place: Place) -> Template:
    """Read the template, or the parameter of three braces, from `begin` to `end`."""
    name = text[begin + braces : min(end - braces, begin + braces + LONGEST_NAME)].partition("|")[0]
    height = 1 + max(template.height for template in inside) if inside else 1

    def body() -> str:
        spans = [(start - begin - braces, stop - begin - braces, shown) for (start, stop, shown), *_ in inside]
        return splice(text[begin + braces : end - braces], spans)

    if height > DEEPEST or end - begin > LONGEST_PROSE:
        return Template((begin, end, None), height, Place.APART, Use(name, None))
    if braces == 3:  # outside of a template it reads as its default
        return Template((begin, end, f"{body()}|".split("|")[1] or None), height, Place.APART, Use(name, None))
    shown, how = show(name, body, place)
    return Template((begin, end, shown), height, place, Use(name.strip(), how))


def _place(text: str, begin: int, end: int, before: Template | None, apart: str) -> Place:
    """Where the template from `begin` to `end` stands; `before` is one that ends where it begins."""
    start = max(text.rfind("\n", max(0, begin - LONGEST_INLINE), begin) + 1, begin - LONGEST_INLINE, 0)
    following = text[end : end + 2]
    if text[start] in apart or "\n" in text[begin:end]:
        return Place.APART
    first = begin == start or text[start:begin].isspace() or (before is not None and before.place is Place.APART)
    if first and following[:1] in ("", "\n", "{"):
        return Place.APART
    if first:
        return Place.WORD if following[:1] == " " and following[1:].islower() else Place.INLINE
    last = text[begin - 1]
    closes = text[end : end + 3].lstrip("\u200e\u200f").startswith((")", "]", "）"))
    spaced = (last in WORD_STARTS or last.isspace()) and not closes
    if spaced or (_is_unspaced(last) and following[:1].isalpha()):
        return Place.WORD
    return Place.INLINE


def _is_unspaced(sign: str) -> bool:
    """Whether a sign is of Chinese, Japanese or Korean, whose words follow one another without blanks."""
    return "\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3"


def without_tables(text: str) -> str:
    """`text` without its tables; of one that never closes only the opener goes."""
    if "{|" not in text:
        return text
    text = "\n" + text
    spans: list[Span] = []
    stack: list[int] = []  # indices in spans
    headings = _starts(HEADING, text)
    for match in TABLE.finditer(text):
        start, end = match.span()
        start += 1  # the newline stays
        if match[1]:
            stack.append(len(spans))
        elif stack:
            index = stack.pop()
            begin = spans[index][0]
            if end - begin <= LONGEST and not _holds(headings, begin, end):
                del spans[index:]
                start = begin
        spans.append((start, end, None))
    return splice(text, spans)


def _starts(token: str, text: str) -> list[int]:
    """Where `token` stands in `text`; for this a loop over `find` takes half of what a pattern does."""
    starts = []
    at = text.find(token)
    while at >= 0:
        starts.append(at)
        at = text.find(token, at + len(token))
    return starts


def _holds(starts: list[int], begin: int, end: int) -> bool:
    """Whether any of the sorted `starts` lies between `begin` and `end`."""
    return bool(starts) and bisect_right(starts, begin) < bisect_left(starts, end)


def _runs_away(breaks: list[int], begin: int, end: int) -> bool:
    """Whether what lies between is too much for anything that stands inside a line."""
    return end - begin > LONGEST_INLINE and _holds(breaks, begin, end)


def _is_after_prose(text: str, begin: int) -> bool:
    """Whether what starts at `begin` stands inside a sentence, not at a line's start or behind other markup."""
    before = text[max(0, begin - NEAR) : begin].rstrip(" \t" + MARK)
    return bool(before) and before[-1] not in MARKUP_ENDS
