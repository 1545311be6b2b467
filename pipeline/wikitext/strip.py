"""Markup to prose: passes over the page remove elements that are not prose, then each line loses its simple markup."""

from collections import Counter
from typing import NamedTuple

from pipeline.wikitext.characters import ESCAPE, decoded, restore, without_reserved
from pipeline.wikitext.elements import without_elements, without_tables
from pipeline.wikitext.lines import paragraphs, with_definitions, without_debris
from pipeline.wikitext.links import without_external_links, without_links
from pipeline.wikitext.malformed import with_parsed_lines
from pipeline.wikitext.site import Site
from pipeline.wikitext.tags import without_tags
from pipeline.wikitext.templates.braces import without_templates
from pipeline.wikitext.templates.reading import How, Lookup, Templates
from pipeline.wikitext.variants import without_variants

ENGLISH_WIKI = Site()


class Prose(NamedTuple):
    """The text of a page, and the templates in its prose by how they were read and by name."""

    text: str
    templates: Counter[tuple[How, str]]


def strip_markup(wikitext: str, site: Site | None = None, *, lists: bool = False) -> str:
    """Return the prose of a page: paragraphs separated by newlines, without any markup.

    References, tables, headings, and links to files and categories are dropped, as are templates, except templates that
    hold prose. Links become their labels. List items are dropped unless `lists`. `site` holds the wiki's language and
    namespace names; None means English Wikipedia. Accepts any text and raises nothing; the time is linear in the length
    of the text.
    """
    return strip_page(wikitext, site, lists=lists).text


def strip_page(
    wikitext: str, site: Site | None = None, *, lists: bool = False, title: str = "", lookup: Lookup | None = None
) -> Prose:
    """Return a page's prose, and how its templates were read.

    `lookup` returns the definition of a template by its name, or None; see
    `pipeline.wikitext.templates.definitions`.
    """
    site = site or ENGLISH_WIKI
    text = without_elements(without_reserved(wikitext))
    text = without_variants(text, site.variant)
    templates = Templates(site, title, len(text), lookup)
    text, uses = without_templates(text, templates.show, "|!=" if lists else "|!=*#:;")
    text = without_tables(text)
    text = without_links(with_definitions(text) if lists else text, site)
    text = without_external_links(with_parsed_lines(text, site))
    text = decoded(without_tags(text))
    text = without_debris("\n".join(paragraphs(text, site, lists=lists)))
    text = restore(text) if ESCAPE in text else text
    return Prose(text, Counter(uses))
