"""Two characters that XML forbids, so that no dump holds them, and what they stand for."""

import re

MARK = "\x02"  # stands where something was cut, if what is around it may need mending
ESCAPE = "\x01"  # and another character stand for a character of <nowiki>
RESERVED = str.maketrans("", "", MARK + ESCAPE)

# Each sign that means something in markup, and what stands for it after ESCAPE, which means nothing.
ESCAPES = dict(zip("[]{}|'<>*#:;=_!", "0123456789$%^~@", strict=True))
PROTECT = str.maketrans({sign: ESCAPE + code for sign, code in ESCAPES.items()})
SEPARATOR = ESCAPE + "`"  # an empty <nowiki/>, which keeps apostrophes apart
APOSTROPHE = ESCAPE + "+"  # one that a template wrote, which is no quote
APART = ESCAPE + "-"  # begins a template's text that needs a blank behind a digit, as the 1/4 of 1 1/4 does
UNESCAPED = {code: sign for sign, code in ESCAPES.items()}
ESCAPED = re.compile(ESCAPE + "(.?)")


def restore(text: str) -> str:
    """Return `text` with the characters of its `<nowiki>` elements put back."""
    return ESCAPED.sub(lambda match: UNESCAPED.get(match[1], ""), text)
