"""Tables, which are not prose."""

import re

from pipeline.wikitext.spans import HEADING, LONGEST, Span, holds, splice, starts

TABLE = re.compile(
    r"\n[ \t:*#;\x02]*+(?:(\{\|(?:[ \t]*+[\w-]++[ \t]*+=[ \t]*+(?:\"[^\"\n]*+\"|[^\s\"]++))*+)|\|\}(?!\}))"
)


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
            if end - begin <= LONGEST and not holds(headings, begin, end):
                del spans[index:]
                start = begin
        spans.append((start, end, None))
    return splice(text, spans)
