"""Markup to prose with mwparserfromhell: keep what a reader would read as running text."""

import re
from collections.abc import Iterator

import mwparserfromhell
from mwparserfromhell.nodes import ExternalLink, Heading, HTMLEntity, Tag, Text, Wikilink
from mwparserfromhell.wikicode import Wikicode

from pipeline.wikitext.site import CATEGORY, FILE, Site

NOT_PROSE = frozenset(
    "ref references table gallery math chem ce score timeline syntaxhighlight source pre imagemap graph "
    "hiero inputbox templatedata templatestyles mapframe maplink indicator section noinclude includeonly "
    "style script".split()
)
BLOCKS = frozenset("br hr p div center blockquote poem li ul ol dl dt dd".split())
LIST_MARKS = ("*", "#", ":", ";")
LIST_ITEM = "\ue000"  # a private character that stands before a list item until its line is judged

INTERLANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]+)*:")
RULES = [  # what the parser leaves behind, and what dropping a template or a reference leaves
    (re.compile(r"'{2,}|__[A-Z]+__"), ""),  # italics and bold; magic words such as __NOTOC__
    (re.compile(r"\[\[|\]\]|\{\{|\}\}|\{\||\|\}"), " "),  # openers without their closers
    (re.compile(r"[^\S\n]+"), " "),
    (re.compile(r"([(\[])[\s,;:–-]+"), r"\1"),
    (re.compile(r"[\s,;:]+([)\]])"), r"\1"),
    (re.compile(r" ?(\(\)|\[\])"), ""),
    (re.compile(r" +([,.;:!?])(?=\s|$)"), r"\1"),
]


def strip_markup(wikitext: str, site: Site | None = None, *, lists: bool = False) -> str:
    """The prose of a page: paragraphs separated by newlines, without any markup.

    References, tables, templates, headings, file and category links are dropped; links become their
    labels. List items are dropped unless `lists`. `site` holds the wiki's namespace names; None means
    English Wikipedia.
    """
    # Apostrophes are not parsed: one unclosed italic can swallow paragraphs.
    code = mwparserfromhell.parse(wikitext, skip_style_tags=True)
    text = "".join(_prose(code, site or Site()))
    return "\n".join(_paragraphs(text, lists))


def _prose(code: Wikicode | None, site: Site) -> Iterator[str]:
    """The text of `code`'s nodes, in order; blocks and headings end a line."""
    for node in code.nodes if code else ():
        if isinstance(node, Text):
            yield str(node.value)
        elif isinstance(node, Wikilink):
            yield from _link(node, site)
        elif isinstance(node, ExternalLink):
            if node.brackets:
                yield from _prose(node.title, site)
        elif isinstance(node, HTMLEntity):
            yield node.normalize() or ""
        elif isinstance(node, Heading):
            yield "\n"
        elif isinstance(node, Tag):
            yield from _tag(node, site)


def _link(link: Wikilink, site: Site) -> Iterator[str]:
    title = str(link.title).strip()
    shown = title.startswith(":")  # [[:File:...]] is a link to the file, not the file
    title = title.removeprefix(":")
    if not shown and (site.namespace_of(title) in (FILE, CATEGORY) or INTERLANGUAGE.match(title)):
        return
    if link.text is None:
        yield title
    else:
        yield from _prose(link.text, site)


def _tag(tag: Tag, site: Site) -> Iterator[str]:
    if tag.wiki_markup in LIST_MARKS:
        yield LIST_ITEM
        return
    name = str(tag.tag).strip().lower()
    if name in NOT_PROSE:
        return
    edge = "\n" if name in BLOCKS else ""
    yield edge
    yield from _prose(tag.contents, site)
    yield edge


def _paragraphs(text: str, lists: bool) -> Iterator[str]:
    for line in text.split("\n"):
        if LIST_ITEM in line:
            if not lists:
                continue
            line = line.replace(LIST_ITEM, "")
        for pattern, replacement in RULES:
            line = pattern.sub(replacement, line)
        line = line.strip()
        if any(map(str.isalpha, line)) and not line.startswith(("|", "!")):
            yield line
