"""The names of a wiki's namespaces that markup depends on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.languages.language import COMMON, DEFAULT, all_names, language_of, languages

FILE, TEMPLATE, CATEGORY = 6, 10, 14

DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e]+")  # which MediaWiki removes from titles


def capitalized(text: str, language: str) -> str:
    """Return a text with a capital first letter, as MediaWiki writes the titles of a language's wikis."""
    dotted = text.startswith("i") and language_of(language).title_i
    return ("İ" if dotted else text[:1].title()) + text[1:]  # Georgian capitals never begin a word


def names(table: str) -> frozenset[str]:
    """Return the words of a table."""
    return frozenset(table.split())


# A dump's siteinfo lists one name per namespace, but pages also use older aliases, and translated or copied text has
# the names of other wikis.
CANONICAL = dict.fromkeys(all_names("file"), FILE) | dict.fromkeys(all_names("category"), CATEGORY)
CANONICAL |= {"media": -2, "template": TEMPLATE}
# Every wiki understands these and its own names.
ENGLISH = {"file": FILE, "image": FILE, "template": TEMPLATE, "category": CATEGORY}
# The codes of Wikipedias: a prefix of a link, in any case and with blanks around it, that means another language.
CODES = names(language_of(COMMON).codes)
ALSO = {code: one.code for one in languages().values() for code in one.also.split()}


def base_code(code: str) -> str:
    """Return the code of a wiki's language without its variant: zh for zh-TW, but zh-yue, which has a Wikipedia."""
    code = code.lower()
    language = code if code in CODES else code.partition("-")[0]
    return ALSO.get(language, language)


@dataclass(frozen=True)
class Site:
    """A wiki's language and namespace names, from a dump's `<siteinfo>`; the default is English Wikipedia.

    `language` may be given with a variant, such as zh-TW, which `variant` keeps. `namespaces` maps a name or
    an alias, in any case, to its number; the English ones are added.
    """

    name: str = "enwiki"
    language: str = DEFAULT
    namespaces: Mapping[str, int] = field(default_factory=dict)
    variant: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "variant", self.language.lower())
        object.__setattr__(self, "language", base_code(self.language))
        own = {_plain(name): number for name, number in self.namespaces.items()}
        object.__setattr__(self, "namespaces", ENGLISH | own)

    def namespace_of(self, title: str) -> int:
        """Return the namespace of a link's target; 0 if it names none.

        In "Imagine: John Lennon" the blank distinguishes a title from the Romanian word for an image.
        """
        prefix, colon, page = title.partition(":")
        if not colon:
            return 0
        name = _plain(prefix)
        return self.namespaces.get(name, 0 if page[:1].isspace() else CANONICAL.get(name, 0))


def _plain(name: str) -> str:
    # Right-to-left text often has invisible direction marks before a link's target.
    return " ".join(name.replace("_", " ").strip(" \u200e\u200f").split()).lower()
