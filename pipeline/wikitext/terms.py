"""Definition lists: `;term:definition` is a term and, after it, its definition."""

import re

TERM = re.compile(r"^([*#:;]*+)(?<=;)([^\n:]*+:[^\n]*+)$", re.MULTILINE)
# Markup whose colons define nothing: links, variants, elements, italics, bold and addresses.
TOKEN = re.compile(
    r"(\[\[?|-\{|<(?!/|[^<>]*+/>|[bhw]r\b)[a-z][^<>\n]*+>)|(\]\]?|\}-|</[a-z][^<>\n]*+>)|('{2,5})"
    r"|(?:https?|ftps?|ircs?|news|mailto|tel|sips?|xmpp|geo|magnet|urn|nntp|git|svn|bitcoin|worldwind):|(:)",
    re.IGNORECASE,
)


def with_definitions(text: str) -> str:
    """Return `text` with each definition that follows its term in the same line moved to a line of its own."""
    return TERM.sub(_parted, text) if ";" in text else text


def _parted(match: re.Match[str]) -> str:
    marks, line = match.groups()
    depth, quotes = 0, 0
    for token in TOKEN.finditer(line):
        opens, closes, quote, colon = token.groups()
        depth = depth + 1 if opens else max(0, depth - 1) if closes else depth
        quotes ^= {2: 1, 5: 3}.get(len(quote), 2) if quote else 0  # a bit each for italics and bold
        if colon and not depth and not quotes:
            return f"{marks}{line[: token.start()]}\n{marks[:-1]}:{line[token.end() :]}"
    return match[0]
