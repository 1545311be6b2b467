"""The kind of a page, by its wikitext: a redirect or a disambiguation page."""

import re
from collections.abc import Set

from pipeline.languages.language import all_names
from pipeline.wikitext.site import DIRECTION_MARKS

# The magic word of redirects.
REDIRECT = re.compile(
    rf"\s*+#(?:{'|'.join(map(re.escape, all_names('redirect')))})\s*+:?\s*+\[\[([^\[\]|\n#]++)", re.IGNORECASE
)
DISAMBIG = re.compile("__DISAMBIG__", re.IGNORECASE)
TEMPLATE_NAME = re.compile(r"\{\{\s*+([^\s|{}<>\[\]][^|{}\n<>\[\]]{0,60}+)")
# Names of the templates that mark such pages, on many wikis.
DISAMBIGUATION = frozenset(all_names("disambiguation"))


def redirect_target(wikitext: str) -> str | None:
    """Return the title that a redirect leads to; None for any other page."""
    found = REDIRECT.match(wikitext)
    return found[1].strip().removeprefix(":") if found else None


def has_disambiguation_word(wikitext: str) -> bool:
    """Return whether wikitext has the magic word of disambiguation pages; a template's marks all its users."""
    return "__" in wikitext and bool(DISAMBIG.search(wikitext))


def is_disambiguation(wikitext: str, templates: Set[str]) -> bool:
    """Return whether a page lists the meanings of a name, by its magic word or template.

    `templates` are the names, in lower case, of the wiki's own templates for such pages; common names are built in.
    """
    if has_disambiguation_word(wikitext):
        return True
    names = map(lower_name, TEMPLATE_NAME.findall(wikitext))
    return any(name in DISAMBIGUATION or name in templates for name in names)


def lower_name(name: str) -> str:
    """Return the name of a template in lower case, without marks of direction; İ becomes i."""
    return DIRECTION_MARKS.sub("", name).strip().replace("_", " ").lower().replace("i\u0307", "i")
