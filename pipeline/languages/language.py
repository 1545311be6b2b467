"""What is particular to a language, read from the files `xx.toml` of this folder; xx is the code of its Wikipedia.

`common.toml` has what holds in every language. A string holds words, with blanks between them; or names, with bars
between them; or a table `key=value` with semicolons between its entries. Lines may break between any two words.
Single quotes are read four times as fast as double ones.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
COMMON = "common"
DEFAULT = "en"  # the language of text that does not say which it is
Table = Mapping[str, str]


@dataclass(frozen=True)
class Language:
    """A language and the wikis that are written in it; the defaults hold for a language without a file."""

    code: str
    also: str = ""  # other codes of the same language
    relatives: str = ""  # codes of languages whose sentences end by this one's rules

    # Letters.
    dotless_i: bool = False  # spelled with both ı and i, whose capitals are I and İ
    points: bool = False  # writes all vowels as points; other languages of its script mostly leave them out
    apostrophes: str = ""  # letters and quotation marks written for the apostrophe: elsewhere ʻ and ʼ are letters
    title_i: str = ""  # MediaWiki's i and İ: `upper` where titles begin with İ, `both` where {{lcfirst:I}} is ı, too

    # Sentences. Words are in lower case, but for those that are abbreviations in capitals alone. `Dr.`, `nr.`, `bzw.`
    # and `e.g.` are known by their form, and no period after a short word ends a sentence before lower case.
    # Before a name or a number. `II.` is the ordinal of a king, a war, a department: `II. Rákóczi Ferenc`.
    abbreviations: str = ""
    counters: str = ""  # before a number alone, also a Roman one: elsewhere they may be words, or end a sentence
    # They look like abbreviations before a name or a number, yet end a sentence there: units, parties, `etc.` One
    # letter does so after a number alone: `в 1990 г. Москва`, but `в г. Москва`. A word that is an abbreviation, too,
    # ends a sentence before one of the starters: `Warner Bros. Records`, but `Warner Bros. In 1990`.
    endings: str = ""
    # They begin many sentences and few names. Before one, a sentence ends after a letter (`vitamin A.`), a king
    # (`Louis I.`), capitals (`the U.S.`), a unit and an ordinal.
    starters: str = ""
    # A number of so many digits with a period is an ordinal even before a capital: `2. Mai`, `3. Reich`, `2. HNL`. In
    # other languages that write ordinals so, a capital after one begins a sentence more often than a name.
    ordinal_digits: int = 0
    stops: str = ""  # marks that end a sentence here, besides those that do in every language
    periods: bool = True  # whether a period ends a sentence

    # Names that every wiki understands, because text is copied and translated between wikis: the namespaces `file`,
    # `category`; the magic word `redirect`; the templates of `disambiguation` pages; patterns of the names of templates
    # with `no_words` of a sentence; and templates by the kinds of pipeline/wikitext/templates/known.py.
    names: Table = field(default_factory=dict)
    templates: Table = field(default_factory=dict)  # those that mean it on this language's wikis alone, by kind
    # The text of templates of its wikis, by name: `{}` is the first argument, and `{1}` one that must be there.
    shows: Table = field(default_factory=dict)
    spoken: str = ""  # a verbose pattern of template names that are the shown text, such as `XXe siècle`
    codes: str = ""  # of Wikipedias
    prepositions: str = ""  # one that starts a sentence and has only a cut before the comma means nothing: At , Alabama
    own_magic_words: bool = True  # whether its wikis know words such as __KEIN_INDEX__

    # How its wikis write dates (in Babel's notation), numbers, and the label of a word in another language.
    date_format: str = "long"
    month_format: str = ""  # of a date without a day; empty where it is not known
    first_day: str = ""  # of a month, if it is no number
    thousands: str = ""  # the sign between them; without one, numbers stay as they are
    spells_units: bool = False  # `5 kilometres`, not `5 km`
    label_separator: str = ""
    labels: Table = field(default_factory=dict)  # by code
    babel_labels: str = ""  # whether Babel's names are its other labels: `as_is` or `lower` (case)
    chinese_labels: Table = field(default_factory=dict)  # of the spellings of a Chinese name, by their parameters

    # Its variants, each with those whose text it shows if its own is missing, their other codes and their names.
    variants: Table = field(default_factory=dict)
    variant_aliases: Table = field(default_factory=dict)
    variant_names: Table = field(default_factory=dict)


TABLE_FIELDS = frozenset(each.name for each in fields(Language) if each.type == Table)


def entries(text: str) -> list[str]:
    """Return the names in a string."""
    return [name.strip() for name in " ".join(text.split()).split("|") if name]


def pairs(text: str) -> dict[str, str]:
    """Return the table in a string."""
    return dict(entry.lstrip().split("=", 1) for entry in text.split(";"))


@cache
def languages() -> dict[str, Language]:
    """Return the languages with a file, by code; `common` is among them."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        own: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        if other := own.keys() - {each.name for each in fields(Language)}:
            raise ValueError(f"{path}: has no key {min(other)}; language.py explains the keys of a language")
        tables = {key: pairs(own[key]) for key in TABLE_FIELDS & own.keys()}
        found[path.stem] = Language(path.stem, **(own | tables))
    return found


@cache
def language_of(code: str) -> Language:
    """Return the language of a code, which may have nothing of its own."""
    return languages().get(code) or Language(code)


@cache
def language_like(code: str) -> Language:
    """Return the language by whose rules the sentences of a code's language end: a close relative, or itself."""
    return next((one for one in languages().values() if code in one.relatives.split()), language_of(code))


@cache
def all_names(kind: str) -> list[str]:
    """Return the names of a kind that every wiki understands, of all languages."""
    return [name for one in languages().values() if kind in one.names for name in entries(one.names[kind])]
