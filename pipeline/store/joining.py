"""Words back to text."""

from collections.abc import Iterable

OPENS = "([{¿¡‘‚（「『《〈【"  # marks without a blank after them
CLOSES = ".,:;!?%)]}…'’）」』》〉】、。，：；！？،؛؟۔।॥።፡፣፤၊။"  # and before them
QUOTATION = '"“”„«»'  # open and close in turn: languages use them in either order


def join_words(words: Iterable[str]) -> str:
    """Return words as text. Punctuation marks, which are words if `tokens.punctuation` is keep, have few blanks."""
    text, blank, quoted = "", "", False
    for word in words:
        opens, closes = word in OPENS, word in CLOSES
        if word in QUOTATION:
            opens, closes, quoted = not quoted, quoted, not quoted
        text += word if closes else blank + word
        blank = "" if opens else " "
    return text
