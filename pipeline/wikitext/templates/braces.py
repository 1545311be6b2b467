"""Templates: their places in a page, and the text that replaces them."""

import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from pipeline.wikitext.characters import MARK, PROTECT
from pipeline.wikitext.spans import BREAK, FARTHEST, HEADING, LONGEST_INLINE, Span, holds, runs_away, splice, starts

CLOSE_BY, MARKUP_ENDS = 10, frozenset("\n>]}|=*#:;_")
LONGEST_PROSE, LONGEST_NAME, DEEPEST_BRACES = 5_000, 80, 10  # beyond these a template is dropped unread
BRACES = re.compile(r"\{\{+|\}\}+")
UNCLOSED = re.compile(r"\{\{[^{}|\n]{0,80}+(?=\n[ \t]*+\|)")  # the name of an infobox whose parameters follow


class Place(Enum):
    """The place of a template."""

    APART = "apart"  # over several lines, in a table or in the arguments of a box
    ALONE = "alone"  # on a line of its own
    INLINE = "inline"  # in a line of prose


OUTSIDE = (Place.APART, Place.ALONE)  # of prose
Show = Callable[[str, Callable[[], str], Place], tuple[str | None, Any]]


class Template(NamedTuple):
    """A closed template: its text, the depth of the templates in it, and, in prose, how it was read and its name."""

    span: Span
    height: int
    place: Place
    how: Any = None
    name: str = ""


def without_templates(text: str, show: Show, apart: str) -> tuple[str, list[tuple[Any, str]]]:
    """Return `text` with its templates replaced by `show`, innermost first, and the outermost templates in prose.

    These are pairs: how each was read, and its name. `show` gets the name of a template, a function that
    returns the text between the braces, and the place. Lines that begin with a sign in `apart` are not prose. Long or
    deeply nested templates are never shown, which keeps the time linear.
    """
    if "{{" not in text:
        return text, []
    found: list[Template] = []  # the outermost ones so far, in order
    for begin, end, braces in _closed(text):
        index = len(found)  # of the first template inside
        while index and found[index - 1].span[0] >= begin:
            index -= 1
        place = _place(text, begin, end, found[index - 1] if index else None, apart)
        found[index:] = [_read(text, begin, end, braces, found[index:], show, place)]
    text = splice(text, [template.span for template in found])
    uses = [(template.how, template.name) for template in found if template.how and template.place not in OUTSIDE]
    return UNCLOSED.sub("", text) if "{{" in text else text, uses


def _closed(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the start, the end and the braces at each end, two or three, of all that braces close; inner ones first."""
    stack: list[tuple[int, int]] = []  # where the unmatched braces of each opening run start and end
    headings, breaks = starts(HEADING, text), starts(BREAK, text)
    for match in BRACES.finditer(text):
        position, end = match.span()
        if text[position] == "{":
            stack.append((position, end))
            continue
        while stack and end - position > 1:
            first, last = stack.pop()
            taken = min(last - first, end - position, 3)
            begin, position = last - taken, position + taken
            if begin - first > 1:
                stack.append((first, begin))
            endless = position - begin > FARTHEST or holds(headings, begin, position)
            if not endless and not (runs_away(breaks, begin, position) and _is_after_prose(text, begin)):
                yield begin, position, taken  # else it was never closed: these braces have no opener


def _is_after_prose(text: str, begin: int) -> bool:
    """Return whether a span from `begin` is inside a sentence, not at a line's start or after markup."""
    before = text[max(0, begin - CLOSE_BY) : begin].rstrip(" \t" + MARK)
    return bool(before) and before[-1] not in MARKUP_ENDS


def _read(text: str, begin: int, end: int, braces: int, inside: list[Template], show: Show, place: Place) -> Template:
    """Read the template, or the parameter of three braces, from `begin` to `end`."""
    name = text[begin + braces : min(end - braces, begin + braces + LONGEST_NAME)].partition("|")[0]
    height = 1 + max(template.height for template in inside) if inside else 1

    def body() -> str:
        spans: list[Span] = []
        for (start, stop, shown), *_ in inside:
            # {{!}} and {{=}} outside of links: text, which separates no arguments
            if shown in ("|", "=") and text.rfind("[", begin, start) <= text.rfind("]", begin, start):
                shown = shown.translate(PROTECT)
            spans.append((start - begin - braces, stop - begin - braces, shown))
        return splice(text[begin + braces : end - braces], spans)

    unread = height > DEEPEST_BRACES or end - begin > LONGEST_PROSE
    if unread or braces == 3:  # three: a parameter, which shows its default outside a template
        default = None if unread else f"{body()}|".split("|")[1]
        return Template((begin, end, default or None), height, Place.APART)
    shown, how = show(name, body, place)
    return Template((begin, end, shown), height, place, how, name.strip())


def _place(text: str, begin: int, end: int, last: Template | None, apart: str) -> Place:
    """Return the place of the template from `begin` to `end`; `last` is the last template that ends before it."""
    start = max(text.rfind("\n", max(0, begin - LONGEST_INLINE), begin) + 1, begin - LONGEST_INLINE, 0)
    if text[start] in apart or end - begin > LONGEST_PROSE or "\n" in text[begin:end]:
        return Place.APART
    first = begin == start or text[start:begin].isspace() or (last and last.span[1] == begin and last.place in OUTSIDE)
    return Place.ALONE if first and text[end : end + 1] in ("", "\n", "{") else Place.INLINE
