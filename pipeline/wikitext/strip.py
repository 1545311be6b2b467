"""Markup to prose: the scan takes away what is not prose, then each line loses what simple markup is left."""

import html
import re
from collections import Counter
from html.entities import html5
from typing import NamedTuple

from pipeline.wikitext import scan
from pipeline.wikitext.lines import paragraphs, without_debris
from pipeline.wikitext.links import without_external_links, without_links
from pipeline.wikitext.malformed import is_malformed, with_parsed_lines
from pipeline.wikitext.site import Site
from pipeline.wikitext.templates import How, Lookup, Templates

BLOCKS = {
    *("br", "hr", "p", "div", "center", "blockquote", "poem", "section", "article", "caption"),
    *("li", "ul", "ol", "dl", "dt", "dd", "table", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"),
}
TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*+)(?:[\s/][^<>]*+)?>")
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
VARIANT = re.compile(r"-\{([^{}|\n]*\|)?([^{}\n]*)\}-")  # of a language that a wiki writes in two scripts
ENGLISH = Site()


class Prose(NamedTuple):
    """The text of a page, whether malformed lines of it went to mwparserfromhell, and its templates in prose."""

    text: str
    fell_back: bool
    templates: Counter[tuple[How, str]]  # by how it was found what they show, and by name


def strip_markup(wikitext: str, site: Site | None = None, *, lists: bool = False) -> str:
    """The prose of a page: paragraphs separated by newlines, without any markup.

    References, tables, headings, file and category links are dropped, and so are templates but for those that carry
    prose; links become their labels. List items are dropped unless `lists`. `site` holds the wiki's language and
    namespace names; None means English Wikipedia. Takes any text and raises nothing; its time grows with the length of
    the text alone.
    """
    return strip_page(wikitext, site, lists=lists).text


def strip_page(
    wikitext: str, site: Site | None = None, *, lists: bool = False, title: str = "", lookup: Lookup | None = None
) -> Prose:
    """`strip_markup`, saying also whether the page needed a parser, and how its templates were read.

    `lookup` returns the definition of a template by its name, None where there is none; see
    `pipeline.wikitext.definitions`.
    """
    site = site or ENGLISH
    reserved = scan.MARK in wikitext or scan.ESCAPE in wikitext
    text = wikitext.translate(scan.RESERVED) if reserved else wikitext
    text = scan.without_elements(text)
    templates = Templates(site, title, len(text), lookup)
    text, uses = scan.without_templates(text, templates.show, "|!=" if lists else "|!=*#:;")
    text = scan.without_tables(text)
    text = without_links(text, site)
    fell_back = False
    if is_malformed(text):
        text, fell_back = with_parsed_lines(text, site)
    text = without_external_links(text)
    text = VARIANT.sub(_variant, text) if "-{" in text else text
    text = _decoded(_without_tags(text))
    text = without_debris("\n".join(paragraphs(text, site, lists=lists)))
    text = scan.restore(text) if scan.ESCAPE in text else text
    return Prose(text, fell_back, Counter((use.how, use.name) for use in uses))


def _without_tags(text: str) -> str:
    """`text` without tags; those of blocks end a paragraph."""
    if "<" not in text:
        return text
    parts = TAG.split(text)
    parts[1::2] = ["\n\n" if name.lower() in BLOCKS else "" for name in parts[1::2]]
    return "".join(parts)


def _variant(match: re.Match[str]) -> str:
    """`-{zh-hans:A; zh-hant:B}-` as "A"."""
    flags, body = match.groups()
    if flags and set(flags) & set("TAHD-"):
        return ""
    first = body.partition(";")[0]
    return first.partition(":")[2] if ":" in first else body


def _decoded(text: str) -> str:
    """`text` with its entities decoded; those that would break a line become spaces."""
    if "&" not in text:
        return text
    text = text.replace("&amp;nbsp;", " ").replace("&nbsp;", " ")
    return ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    name = match[0]
    # By the whole name: unescape() takes the start of a longer one for an entity.
    decoded = html.unescape(name) if name[1] == "#" else html5.get(name[1:], name)
    return " " if decoded.isspace() else decoded.translate(scan.RESERVED)
