"""Two characters that XML forbids, so that no dump contains them, and their meaning here."""

import re

MARK = "\x02"  # marks a cut, if the text around it may need repair
ESCAPE = "\x01"  # with the next character, stands for a character of <nowiki>

# Each sign of markup, and the character without a meaning that stands for it after ESCAPE.
ESCAPES = dict(zip("[]{}|'<>*#:;=_!", "0123456789$%^~@", strict=True))
PROTECT = str.maketrans({sign: ESCAPE + code for sign, code in ESCAPES.items()})
SEPARATOR = ESCAPE + "`"  # an empty <nowiki/>, which separates apostrophes
APOSTROPHE = ESCAPE + "+"  # an apostrophe from a template, which is not a quote
APART = ESCAPE + "-"  # begins a template's text that needs a blank behind a digit, as the 1/4 of 1 1/4 does
UNESCAPED = {code: sign for sign, code in ESCAPES.items()}
ESCAPED = re.compile(ESCAPE + "(.?)")


def without_reserved(text: str) -> str:
    """Return `text` without the two characters."""
    return text.replace(MARK, "").replace(ESCAPE, "")


def restore(text: str) -> str:
    """Return `text` with the characters of its `<nowiki>` elements put back."""
    return ESCAPED.sub(lambda match: UNESCAPED.get(match[1], ""), text)
