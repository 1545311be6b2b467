"""Spans of a page that are cut or replaced, and the limits of their length.

Each pass over a page (`elements.py`, `templates/braces.py`) reads the text once, keeps a stack of what is
open and cuts what closes. An opener without a closer loses only its own markup, so it never removes the prose after
it. Nothing backtracks, so the time is linear in the length of the text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from pipeline.wikitext.characters import APART, MARK

# A cut after one of the first, or before one of the second, can leave orphaned punctuation. French has a space before
# some punctuation.
EXPOSED = frozenset('\n \t([{/（［,;:、，；：،–—-\xa0\u200e\u200f\u061c"«“„「')
UNCOVERED = frozenset(f"{blank}{stop}" for blank in " \t\xa0" for stop in ",.)]、。，）］")

Span = tuple[int, int, str | None]  # start, end, and the text to show instead; None for no text

HEADING = "\n=="  # no element, template or table spans one; if it does, its opener was never closed
BREAK = "\n\n"  # nor does a long reference or template inside a line span one of these
LONGEST_INLINE = 3_000
FARTHEST = 200_000  # the most characters of a template or table; the opener of a longer one counts as unclosed


def splice(text: str, spans: Iterable[Span]) -> str:
    """Return `text` with each of the ordered, disjoint `spans` replaced."""
    pieces, position = [], 0
    for start, end, shown in spans:
        pieces.append(text[position:start])
        if shown is None:
            shown = cut(text, start, end, position)
        elif shown.startswith(APART):
            shown = shown.replace(APART, " " if text[start - 1 : start].isdigit() else "", 1)
        pieces.append(shown)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def cut(text: str, start: int, end: int, first: int = 0) -> str:
    """Return what replaces a cut: a mark if the text around it, from `first` on, may need repair."""
    marked = (start > first and text[start - 1] in EXPOSED) or text[end : end + 2] in UNCOVERED
    return MARK if marked else ""


def starts(token: str, text: str) -> list[int]:
    """Return the places of `token` in `text`; a loop over `find` takes half of a pattern's time."""
    starts, at = [], -len(token)
    while (at := text.find(token, at + len(token))) >= 0:
        starts.append(at)
    return starts


def holds(starts: list[int], begin: int, end: int) -> bool:
    """Return whether any of the sorted `starts` lies between `begin` and `end`."""
    return bool(starts) and bisect_right(starts, begin) < bisect_left(starts, end)


def runs_away(breaks: list[int], begin: int, end: int) -> bool:
    """Return whether a span is too long for anything inside a line."""
    return end - begin > LONGEST_INLINE and holds(breaks, begin, end)
