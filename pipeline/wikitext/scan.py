"""The linear pre-scan: elements, templates and tables that are not prose leave the text before anything else.

Each pass reads the text once, keeps a stack of what is open and cuts what closes. An opener without its
closer loses only its own markup, so it never takes the prose behind it. Nothing here backtracks: time grows
with the text alone.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

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

Renderer = Callable[[str], str | None]
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


def without_templates(text: str, renderer: Callable[[str], Renderer | None]) -> str:
    """`text` without its templates, or with what `renderer(name)` makes of their bodies, innermost first.

    A renderer gets what stands between the braces and answers with prose, or None for nothing. Templates that
    are long or deeply nested are never rendered, which keeps the time linear.
    """
    if "{{" not in text:
        return text
    spans: list[Span] = []
    heights: list[int] = []  # of each span: how many templates it holds inside one another
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
            index = len(spans)
            while index and spans[index - 1][0] >= begin:
                index -= 1
            height = 1 + max(heights[index:], default=0)
            shown = None
            if height <= DEEPEST:
                find = renderer if taken == 2 else _parameter
                shown = _rendered(text, begin + taken, position - taken, spans[index:], find)
            spans[index:] = [(begin, position, shown)]
            heights[index:] = [height]
    text = splice(text, spans)
    return UNCLOSED.sub("", text) if "{{" in text else text


def _parameter(_: str) -> Renderer:
    """What makes prose of `{{{name|default}}}`, which outside of a template reads as its default."""
    return lambda body: f"{body}|".split("|")[1] or None


def _rendered(
    text: str, begin: int, end: int, inside: list[Span], renderer: Callable[[str], Renderer | None]
) -> str | None:
    """What a template reads as whose body is `text[begin:end]` with the spans `inside` replaced."""
    if end - begin > LONGEST_PROSE:
        return None
    render = renderer(text[begin : min(end, begin + LONGEST_NAME)].partition("|")[0])
    if not render:
        return None
    return render(splice(text[begin:end], [(start - begin, stop - begin, shown) for start, stop, shown in inside]))


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
