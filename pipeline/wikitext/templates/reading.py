"""The text that replaces a template: from its definition, or else from its name, or else a guess.

A guess is made only inside a sentence, where a template in the place of a word probably shows a word.
"""

import contextlib
import re
from collections.abc import Callable
from enum import Enum
from functools import cached_property

from pipeline.wikitext.links import without_links
from pipeline.wikitext.pages import lower_name
from pipeline.wikitext.site import CODES, Site
from pipeline.wikitext.templates import dates
from pipeline.wikitext.templates.braces import OUTSIDE, Place
from pipeline.wikitext.templates.definitions import Tree, parse
from pipeline.wikitext.templates.expansion import STEPS, STEPS_PER_CHARACTER, Expander, UnsureError
from pipeline.wikitext.templates.functions import FUNCTIONS
from pipeline.wikitext.templates.known import NO_WORDS, rendering_of
from pipeline.wikitext.templates.quantities import UNITS
from pipeline.wikitext.templates.renderings import LANGUAGE, Arguments, integer

Lookup = Callable[[str], Tree | None]

CODE = re.compile(r"[A-Z]{1,3}(?:-[A-Z0-9]{1,4})?$")  # of a country or a region
ITEM = re.compile(r"[QP]\d+$")  # of Wikidata
SIZE = re.compile(r"\d+(?:[.,]\d+)?(?:%|em|ex|px|pt)$")  # of letters
NO_GUESS = re.compile(r"#|https?:|[^|]*\.(?:ogg|oga|wav|mp3|svg|png|jpe?g|gif)$", re.IGNORECASE)
LONGEST_GUESS, LONGEST_UNIT = 300, 12
NUMBER = re.compile(r"[-−+]?\d[\d.,\s]*+$")


class How(Enum):
    """How the text of a template was found."""

    DEFINED = "by_definition"
    KNOWN = "by_name"
    GUESSED = "by_guess"
    NO_WORDS = "no_words"  # it is known to show none
    DROPPED = "dropped"  # its text is not known


class Templates:
    """The templates of one page."""

    def __init__(self, site: Site, title: str, length: int, lookup: Lookup | None) -> None:
        self.site, self.title, self.lookup = site, title, lookup or (lambda name: None)
        self.steps = STEPS + int(STEPS_PER_CHARACTER * length)

    @cached_property
    def expander(self) -> Expander:
        """The evaluator of definitions; many pages need none."""
        return Expander(self.site, self.title, self.lookup, FUNCTIONS, self._known, self.steps)

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
        return (shown, how) if how else self._without_definition(name, text, place)

    def _by_definition(self, written: str, body: str) -> tuple[str | None, How | None]:
        """Return the text of a template by its definition, and how it was found; None if it is not known."""
        if self.expander.knows(written) and (call := parse("{{" + body + "}}")):
            with contextlib.suppress(UnsureError):
                shown = self.expander.shown(call)
                return shown or None, How.DEFINED if shown else How.NO_WORDS
        return None, None

    def _without_definition(self, name: str, body: str, place: Place) -> tuple[str | None, How]:
        if known := rendering_of(name, self.site.language):
            shown = self._rendered(known, name, body)
            return shown, How.NO_WORDS if shown is None else How.KNOWN
        if NO_WORDS.match(name) or not _has_words(body):
            return None, How.NO_WORDS
        if place is Place.WORD and not name.startswith("#") and ":" not in name:  # these are functions
            shown = self._rendered(guess, name, body)
            return shown, How.DROPPED if shown is None else How.GUESSED
        return None, How.DROPPED

    def _known(self, written: str, body: str) -> str | None:
        """Return the text of a template that another template uses, by its name alone."""
        name = lower_name(written)
        known = rendering_of(name, self.site.language)
        return self._rendered(known, name, body) if known else "" if NO_WORDS.match(name) else None

    def _rendered(self, rendering: Callable[[Arguments], str | None], name: str, body: str) -> str | None:
        return rendering(Arguments(name, self.site.language, without_links(body, self.site)))


def guess(a: Arguments) -> str | None:
    """Return the words among an unknown template's arguments: usually the first, or a date or a quantity."""
    words = [word for word in a.unnamed if word and not ITEM.match(word)]
    if not words or len(words[0]) > LONGEST_GUESS or any(map(NO_GUESS.match, words[:2])):
        return None
    first, *others = words
    if not others:
        if NUMBER.match(first) and a.written in UNITS:
            return f"{first} {UNITS[a.written][0]}"
        return first if any(map(str.isalnum, first)) and first not in CODES else None
    if NUMBER.match(first):
        return _guess_of_numbers(words, a.language)
    if CODE.match(first):
        return None
    if SIZE.match(first):
        return others[0]
    shown = others[0] if LANGUAGE.match(first) else first
    return shown if any(map(str.isalpha, shown)) else None


def _guess_of_numbers(words: list[str], language: str) -> str | None:
    """Return words of which the first is a number as a date or a quantity."""
    first, second, *_ = words
    numbers = [number for number in map(integer, words[:3]) if number is not None]
    if len(numbers) == 3:
        return dates.in_words(numbers, language)
    if len(words) <= 3 and second.isalpha() and all(word.isdigit() for word in (first, *words[2:])):
        return " ".join(words)  # a date
    return f"{first} {second}" if len(second) <= LONGEST_UNIT and not NUMBER.match(second) else None


def _has_words(body: str) -> bool:
    """Return whether an argument without a name holds a letter or a digit."""
    return "|" in body and any("=" not in part and any(map(str.isalnum, part)) for part in body.split("|")[1:])
