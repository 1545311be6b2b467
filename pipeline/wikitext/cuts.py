"""Repair of the punctuation around cuts: no empty brackets or quotes, no doubled or orphaned commas.

The text between two cuts is examined once, with both of them, so the time is linear in the length of the line.
"""

import re

from pipeline.languages.language import languages
from pipeline.wikitext.characters import MARK

BLANKS = " \t\xa0"
BLANKISH = BLANKS + "\u200e\u200f\u061c"  # the direction marks of right-to-left text are as invisible as blanks
OPENING, CLOSING = tuple("([（［"), tuple(")]）］")
COMMAS = tuple(",;:、，،；؛")
PAUSES = (*COMMAS, *".!?。")
HYPHENS = tuple("–—-")
AROUND_CUTS = BLANKISH + "".join(COMMAS) + "".join(HYPHENS) + "/"

# Brackets and quotes that contain only cuts.
PAIRS = {"(": ")", "[": "]", "（": "）", "［": "］", '"': '"', "«": "»", "“": "”", "„": "“”", "「": "」"}
EMPTY = re.compile(
    rf"""[{re.escape("".join(PAIRS))}]([{re.escape(AROUND_CUTS)}]*+{MARK}[{re.escape(AROUND_CUTS)}{MARK}]*+)"""
    rf"""[{re.escape("".join(PAIRS.values()))}]"""
)
# One of these that starts a sentence and has only a cut before the comma means nothing: At , Alabama.
LONE = frozenset(word for one in languages().values() for word in one.prepositions.split())
DEEPEST_BRACKETS = 3  # brackets around brackets
RUN = re.compile(rf"({MARK}(?:[{re.escape(AROUND_CUTS)}]*+{MARK})*+)")


def mended(line: str) -> str:
    """Return `line` without its marks and without the empty brackets and orphaned punctuation around them."""
    for _ in range(DEEPEST_BRACKETS):
        if not EMPTY.search(line):
            break
        line = EMPTY.sub(_emptied, line)
    first, *rest = RUN.split(line)
    done = [first]
    for run, right in zip(rest[::2], rest[1::2], strict=True):
        done += _joined(done.pop(), run.replace(MARK, ""), right)
    return "".join(done)


def _emptied(match: re.Match[str]) -> str:
    """Return the cut for an empty pair; a straight quote after a word or around a gap opens no pair."""
    found, inside = match[0], match[1]
    start = match.start()
    unpaired = found[-1] not in PAIRS[found[0]]
    gap = found[0] == '"' and (inside.strip(MARK) or match.string[max(0, start - 1) : start].isalnum())
    return found if unpaired or gap else MARK


def _joined(left: str, gap: str, right: str) -> tuple[str, str]:
    """Return the repaired sides of a run of cuts with `gap` between them."""
    inside, beyond = left.rstrip(AROUND_CUTS), right.lstrip(AROUND_CUTS)
    if not left or left.isspace():
        return "", beyond
    if inside.endswith(OPENING) or beyond.startswith(CLOSING):
        return inside, beyond
    if left.endswith("/") and right.startswith("/"):  # /{{IPA|...}}/
        return left[:-1], right[1:]
    trimmed = right.lstrip(BLANKISH)
    if gap:
        right = _kept(left, gap, trimmed) + right
        trimmed = right.lstrip(BLANKISH)
    if trimmed.startswith(PAUSES):
        return _stopped(left.rstrip(BLANKISH), trimmed)
    if trimmed.startswith(HYPHENS) and left.rstrip(BLANKISH).endswith(trimmed[0]):  # a – {{x}} – b
        return left, trimmed[1:]
    return left, right


def _kept(left: str, gap: str, right: str) -> str:
    """Return the separator to keep between two cuts: the first, unless it only separated the two.

    It did if both were words of their own, as in "with {{x}}, {{y}} degrees".
    """
    separator = gap.strip(BLANKISH)[:1]
    between = left.endswith(tuple(BLANKS)) and gap.endswith(tuple(BLANKS))
    doubled = left.rstrip(BLANKISH).endswith((*COMMAS, *HYPHENS)) or right.startswith((*PAUSES, *HYPHENS)) or not right
    if not separator or separator == "/" or between or doubled:
        return " " if gap.strip(BLANKS) != gap else ""
    before, after = (" " if side in BLANKS else "" for side in (gap[0], gap[-1]))
    return f"{before}{separator}{after}"


def _stopped(left: str, right: str) -> tuple[str, str]:
    """Return the sides of a cut before a stop or a comma, with one comma at most."""
    *before, word = left.rpartition(" ")
    if word in LONE and right.startswith(",") and (not before[0] or before[0].endswith((".", "!", "?"))):
        return "".join(before), right[1:].lstrip(BLANKS)
    if left.endswith(COMMAS):
        if right.startswith(COMMAS):
            return left, right[1:]
        if right.startswith("."):
            return left[:-1], right
    return left, right
