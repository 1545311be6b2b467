"""Characters: entities, and two that XML forbids, so that no dump contains them, with their meaning here."""

import html
import re
from html.entities import html5

MARK = "\x02"  # marks a cut, if the text around it may need repair
ESCAPE = "\x01"  # with the next character, stands for a character of <nowiki>

# Each sign of markup, and the character without a meaning that stands for it after ESCAPE.
ESCAPES = dict(zip("[]{}|'<>*#:;=_!", "0123456789$%^~@", strict=True))
PROTECT = str.maketrans({sign: ESCAPE + code for sign, code in ESCAPES.items()})
SEPARATOR = ESCAPE + "`"  # an empty <nowiki/>, which separates apostrophes
APOSTROPHE = ESCAPE + "+"  # an apostrophe from a template, which is not a quote
APART = ESCAPE + "-"  # begins a template's text that needs a blank behind a digit, as the 1/4 of 1 1/4 does
UNESCAPED = {code: sign for sign, code in ESCAPES.items()}
ENTITY = re.compile(r"&(?:#0*+[0-9]{1,7}|#[xX]0*+[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
ESCAPED = re.compile(ESCAPE + "(.?)")


def without_reserved(text: str) -> str:
    """Return `text` without the two characters."""
    return text.replace(MARK, "").replace(ESCAPE, "")


def restore(text: str) -> str:
    """Return `text` with the characters of its `<nowiki>` elements put back, and no blank that then stands alone."""
    text = ESCAPED.sub(lambda match: UNESCAPED.get(match[1], ""), text)
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def decoded(text: str) -> str:
    """Return `text` with its entities decoded; entities that would break a line become spaces."""
    if "&" not in text:
        return text
    text = text.replace("&amp;nbsp;", " ").replace("&nbsp;", " ")
    return ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    name = match[0]
    # By the whole name: unescape() takes the start of a longer one for an entity.
    decoded = html.unescape(name) if name[1] == "#" else html5.get(name[1:], name)
    return " " if decoded.isspace() else without_reserved(decoded)
