"""The text that replaces a template: from its definition, or else from its name."""

import contextlib
from collections.abc import Callable
from enum import Enum

from pipeline.wikitext.links import without_links
from pipeline.wikitext.pages import lower_name
from pipeline.wikitext.site import Site
from pipeline.wikitext.templates.braces import OUTSIDE, Place
from pipeline.wikitext.templates.definitions import Tree, parse
from pipeline.wikitext.templates.expansion import STEPS, STEPS_PER_CHARACTER, Expander, UnsureError
from pipeline.wikitext.templates.functions import FUNCTIONS
from pipeline.wikitext.templates.known import NO_WORDS, rendering_of
from pipeline.wikitext.templates.renderings import Arguments

Lookup = Callable[[str], Tree | None]


class How(Enum):
    """How the text of a template was found."""

    DEFINED = "by_definition"
    KNOWN = "by_name"
    NO_WORDS = "no_words"  # it is known to show none
    DROPPED = "dropped"  # its text is not known


class Templates:
    """The templates of one page."""

    def __init__(self, site: Site, title: str, length: int, lookup: Lookup | None) -> None:
        self.site, steps = site, STEPS + int(STEPS_PER_CHARACTER * length)
        self.expander = Expander(site, title, lookup or (lambda name: None), FUNCTIONS, self._known, steps)

    def show(self, written: str, body: Callable[[], str], place: Place) -> tuple[str | None, How | None]:
        """Return the text that the template called `written` shows, or None, and how it was found.

        `body()` returns the text between its braces. The second value is None for a template outside of sentences that
        is not known by name.
        """
        name = lower_name(written)
        if place in OUTSIDE:
            if known := rendering_of(name, self.site.language):
                return self._rendered(known, name, body()), None
            if place is Place.APART or not ("|" in (text := body()) or self.expander.is_function(written)):
                return None, None  # usually a notice that many pages have
            return self._by_definition(written, text)[0], None
        shown, how = self._by_definition(written, text := body())
        if how:
            return shown, how
        if known := rendering_of(name, self.site.language):
            shown = self._rendered(known, name, text)
            return shown, How.NO_WORDS if shown is None else How.KNOWN
        return None, How.NO_WORDS if NO_WORDS.match(name) or not _has_words(text) else How.DROPPED

    def _by_definition(self, written: str, body: str) -> tuple[str | None, How | None]:
        """Return the text of a template by its definition, and how it was found; None if it is not known."""
        if self.expander.knows(written) and (call := parse("{{" + body + "}}")):
            with contextlib.suppress(UnsureError):
                shown = self.expander.shown(call)
                return shown or None, How.DEFINED if shown else How.NO_WORDS
        return None, None

    def _known(self, written: str, body: str) -> str | None:
        """Return the text of a template that another template uses, by its name alone."""
        name = lower_name(written)
        known = rendering_of(name, self.site.language)
        return self._rendered(known, name, body) if known else "" if NO_WORDS.match(name) else None

    def _rendered(self, rendering: Callable[[Arguments], str | None], name: str, body: str) -> str | None:
        return rendering(Arguments(name, self.site.language, without_links(body, self.site)))


def _has_words(body: str) -> bool:
    """Return whether an argument without a name holds a letter or a digit."""
    return "|" in body and any("=" not in part and any(map(str.isalnum, part)) for part in body.split("|")[1:])
