"""The linear pre-scan: elements, templates and tables that are not prose leave the text before anything else.

Each pass reads the text once, keeps a stack of what is open and cuts what closes. An opener without its
closer loses only its own markup, so it never takes the prose behind it. Nothing here backtracks: time grows
with the text alone.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

# Two characters that XML forbids, so that no dump holds them.
MARK = "\x02"  # stands where something was cut, if what is around it may need mending
ESCAPE = "\x01"  # and another character stand for a character of <nowiki>
RESERVED = str.maketrans("", "", MARK + ESCAPE)

# Cutting after one of these, or before one of those, can leave orphaned punctuation. French has a space before
# some of its punctuation.
EXPOSED = frozenset('\n \t([{/（［,;:、，；：،–—-\xa0\u200e\u200f\u061c"«“„「')
UNCOVERED = frozenset(f"{blank}{stop}" for blank in " \t\xa0" for stop in ",.)]、。，）］")

Renderer = Callable[[str], str | None]
Span = tuple[int, int, str | None]  # start, end, what to show instead; None where nothing is

NOT_PROSE = (
    "ref|math|chem|ce|gallery|timeline|score|syntaxhighlight|source|pre|imagemap|graph|hiero|inputbox"
    "|templatedata|mapframe|maplink|indicator|includeonly|style|script|categorytree|poll|rss|table|rt|rp"
)
ELEMENT = re.compile(rf"<(?:!--|(/?)({NOT_PROSE}|nowiki)(?=[\s/>])([^<>]*)>)", re.IGNORECASE)
COMMENT = "!--"
LITERAL = {COMMENT: re.compile("-->"), "nowiki": re.compile(r"</nowiki\s*>", re.IGNORECASE)}  # and their closers
# Each sign that means something in markup, and what stands for it after ESCAPE, which means nothing.
ESCAPES = dict(zip("[]{}|'<>*#:;=_!", "0123456789$%^~@", strict=True))
PROTECT = str.maketrans({sign: ESCAPE + code for sign, code in ESCAPES.items()})
SEPARATOR = ESCAPE + "`"  # an empty <nowiki/>, which keeps apostrophes apart
APOSTROPHE = ESCAPE + "+"  # one that a template wrote, which is no quote
UNESCAPED = {code: sign for sign, code in ESCAPES.items()}
ESCAPED = re.compile(ESCAPE + "(.?)")

HEADING = re.compile(r"\n==")  # no element, template or table reaches over one: its opener was never closed
LONGEST = 200_000  # characters that a template or table may take; more, and its opener counts as unclosed
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
        pieces.append(shown)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def restore(text: str) -> str:
    """`text` with the characters of its `<nowiki>` elements put back."""
    return ESCAPED.sub(lambda match: UNESCAPED.get(match[1], ""), text)


def without_elements(text: str) -> str:
    """`text` without comments and the elements in `NOT_PROSE`; what `<nowiki>` holds is kept as it is."""
    if "<" not in text:
        return text
    spans: list[Span] = []
    opened: dict[str, tuple[int, int]] = {}  # element name -> index of its opener in spans, and where it starts
    absent: set[str] = set()  # comments or nowiki, once no closer is left
    headings = _starts(HEADING, text)
    resume = 0
    for match in ELEMENT.finditer(text):
        start, end = match.span()
        if start < resume:  # inside a comment or <nowiki>
            continue
        closing, name, attributes = match.groups()
        name = name.lower() if name else COMMENT
        if name in LITERAL and not closing:
            spans.append(_literal(text, name, start, end, absent))
            resume = spans[-1][1]
        elif closing:
            index, begin = opened.pop(name, (len(spans), start))
            closes = index < len(spans) and spans[index][0] == begin and not _holds(headings, begin, end)
            if closes:
                del spans[index:]
            spans.append((begin if closes else start, end, None))
        else:
            # Only the opener, for now: it is widened once its closer is met.
            if not attributes.endswith("/"):
                opened[name] = len(spans), start
            spans.append((start, end, None))
    return splice(text, spans)


def _literal(text: str, name: str, start: int, end: int, absent: set[str]) -> Span:
    """A comment, or a `<nowiki>` and what is in it, whose opener stands from `start` to `end`."""
    if text.startswith("/>", end - 2):
        return start, end, SEPARATOR
    closer = None if name in absent else LITERAL[name].search(text, end)
    if not closer:
        absent.add(name)
        return start, end, None
    if name == COMMENT:
        # At the start of a line it changes nothing about the line.
        return start, closer.end(), "" if text[start - 1 : start] in ("", "\n") else None
    return start, closer.end(), text[end : closer.start()].translate(PROTECT) + SEPARATOR


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
    headings = _starts(HEADING, text)
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
            index = len(spans)
            while index and spans[index - 1][0] >= begin:
                index -= 1
            height = 1 + max(heights[index:], default=0)
            # Three braces are a template's parameter, which no article has.
            rendered = taken == 2 and height <= DEEPEST
            shown = _rendered(text, begin + 2, position - 2, spans[index:], renderer) if rendered else None
            spans[index:] = [(begin, position, shown)]
            heights[index:] = [height]
    text = splice(text, spans)
    return UNCLOSED.sub("", text) if "{{" in text else text


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


def _starts(pattern: re.Pattern[str], text: str) -> list[int]:
    return [match.start() for match in pattern.finditer(text)]


def _holds(starts: list[int], begin: int, end: int) -> bool:
    """Whether any of the sorted `starts` lies between `begin` and `end`."""
    return bool(starts) and bisect_right(starts, begin) < bisect_left(starts, end)
