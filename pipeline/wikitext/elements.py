"""Elements that are not prose, comments, `<nowiki>` and tables."""

import re
from collections import defaultdict

from pipeline.wikitext.characters import PROTECT, SEPARATOR, decoded
from pipeline.wikitext.spans import BREAK, FARTHEST, HEADING, Span, holds, runs_away, splice, starts

RAW = "pre|syntaxhighlight|source|math|score|timeline"  # markup inside these is text
NOT_PROSE = (
    "ref|references|chem|ce|gallery|imagemap|graph|hiero|inputbox|templatedata|mapframe|maplink|indicator|includeonly"
    f"|style|script|categorytree|poll|rss|table|rt|rp|{RAW}"
)
# A quoted attribute may contain angle brackets, if the quote certainly ends; a tag may contain a comment.
ATTRIBUTES = r"""[^<>]*+(?=>)|(?:[^<>="]++|="[^"\n/=]*+"(?=[\s/>])|[="]|<!--[^<>]*+>)*+"""
UNWRAPPED = ("noinclude", "onlyinclude")  # these tags may stand inside others
ELEMENT = re.compile(
    rf"<(?:!--|(/?)({NOT_PROSE}|nowiki|{'|'.join(UNWRAPPED)})(?=[\s/>])({ATTRIBUTES})>)", re.IGNORECASE
)
COMMENT, NOWIKI = "!--", "nowiki"
# Elements that are read up to their closer, whatever they contain. Another opener shows that one was never closed.
LITERAL = {COMMENT: re.compile("-->"), NOWIKI: re.compile(r"<(/)nowiki\s*+>", re.IGNORECASE)} | {
    name: re.compile(rf"<(/?){name}(?=[\s/>])[^<>]*+>", re.IGNORECASE) for name in RAW.split("|")
}
TABLE = re.compile(
    r"\n[ \t:*#;\x02]*+(?:(\{\|(?:[ \t]*+[\w-]++[ \t]*+=[ \t]*+(?:\"[^\"\n]*+\"|[^\s\"]++))*+)|\|\}(?!\}))"
)


def without_elements(text: str) -> str:
    """Return `text` without comments and the elements in `NOT_PROSE`; the content of `<nowiki>` is kept."""
    if "<" not in text:
        return text
    found = _Elements(text)
    absent: set[str] = set()  # the names in LITERAL that have no closer left
    resume = 0
    for match in ELEMENT.finditer(text):
        start, end = match.span()
        if start < resume:  # inside a comment or another literal
            continue
        closing, name, attributes = match.groups()
        name = name.lower() if name else COMMENT
        if name in LITERAL and not closing:
            found.spans.append(_literal(text, name, start, end, absent))
            resume = found.spans[-1][1]
        elif name in UNWRAPPED:
            found.spans.append((start, end, ""))
        elif closing:
            found.close(name, start, end)
        elif attributes.endswith("/"):
            found.spans.append((start, end, None))
        else:
            found.open(name, start, end)
    return splice(text, found.spans)


class _Elements:
    """The spans of a text's elements in order, with the openers whose closers are not found yet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: list[Span] = []
        # Element name -> index of its opener in spans, and where it starts; of tables, which may stand in tables, all.
        self.opened: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.outer: tuple[int, int] | None = None  # the same for a reference's opener that another one followed
        self.inner = -1  # the index in spans of that other reference
        self.headings, self.breaks = starts(HEADING, text), starts(BREAK, text)

    def open(self, name: str, start: int, end: int) -> None:
        """Add only the opener for now; `close` extends its span."""
        opened = self.opened[name]
        if name == "ref" and opened:
            self.outer = opened[-1]
        if name != "table":
            opened.clear()
        opened.append((len(self.spans), start))
        self.spans.append((start, end, None))

    def close(self, name: str, start: int, end: int) -> None:
        """Extend the span of the closer's opener up to the `end`; a closer without one is cut alone."""
        if self.opened[name] and self._closes(name, *(opener := self.opened[name].pop()), end):
            index, begin = opener
            self.inner = index if name == "ref" else min(index, self.inner)  # which this element may contain
            self.spans[index:] = [(begin, end, None)]
            return
        if name == "ref" and self.outer and self._closes_outer(*self.outer, end):
            # If references are nested, the first closer closes the first opener.
            index, begin = self.outer
            self.spans[index : self.inner + 1] = [(begin, self.spans[self.inner][1], None)]
            self.outer = None
        self.spans.append((start, end, None))

    def _stands(self, index: int, begin: int) -> bool:
        """Return whether an opener is still in the spans; else an element was closed that contains it."""
        return index < len(self.spans) and self.spans[index][0] == begin

    def _closes(self, name: str, index: int, begin: int, end: int) -> bool:
        """Return whether an element from an opener to `end` contains no heading and, if it is long, no paragraph."""
        away = holds(self.headings, begin, end) or (name == "ref" and runs_away(self.breaks, begin, end))
        return self._stands(index, begin) and not away

    def _closes_outer(self, index: int, begin: int, end: int) -> bool:
        """Return whether an outer reference is still open in the line of its second closer, which ends at `end`."""
        return self._stands(index, begin) and index < self.inner and self.text.find("\n", begin, end) < 0


def _literal(text: str, name: str, start: int, end: int, absent: set[str]) -> Span:
    """Return the span of a comment, `<nowiki>` or raw element whose opener stands from `start` to `end`."""
    if text.startswith("/>", end - 2):
        return start, end, SEPARATOR if name == NOWIKI else None
    closer = None if name in absent else LITERAL[name].search(text, end)
    if not closer:
        absent.add(name)
        return start, end, None
    if name == COMMENT:
        # A comment at the start of a line leaves the line; one that fills a line removes it.
        first, last = text[start - 1 : start] in ("", "\n"), closer.end()
        return start, last + (first and text.startswith("\n", last)), "" if first else None
    if not closer[1]:
        return start, end, None
    shown = decoded(text[end : closer.start()]).translate(PROTECT) if name == NOWIKI else None
    return start, closer.end(), shown if shown is None else f"{SEPARATOR}{shown}{SEPARATOR}"


def without_tables(text: str) -> str:
    """Return `text` without its tables; if one is never closed, only its opener is removed."""
    if "{|" not in text:
        return text
    text = "\n" + text
    spans: list[Span] = []
    stack: list[int] = []  # indices in spans
    headings = starts(HEADING, text)
    for match in TABLE.finditer(text):
        start, end = match.span()
        start += 1  # the newline stays
        if match[1]:
            stack.append(len(spans))
        elif stack:
            index = stack.pop()
            begin = spans[index][0]
            if end - begin <= FARTHEST and not holds(headings, begin, end):
                del spans[index:]
                start = begin
        spans.append((start, end, None))
    return splice(text, spans)
