"""Internal and external links to their labels."""

import re

from pipeline.wikitext.scan import EXPOSED, MARK, UNCOVERED
from pipeline.wikitext.site import CATEGORY, FILE, Site

# The innermost links: no `[[` inside. Each repetition is possessive, and an opener reads no further than
# the next one.
LINK = re.compile(r"\[\[([^\[\]|\n{}]*+)(?:\|([^\[\]]*+(?:(?:\](?!\])|\[(?!\[))[^\[\]]*+)*+))?\]\]")
DEEPEST = 6  # captions hold links that hold files that hold captions; deeper is no prose
LONGEST_CAPTION = 3_000  # a longer file link that spans paragraphs was never closed

PROJECT = re.compile(r"[a-z]+(?:-[a-z]+)*$")  # a sister project, as in [[wikt:word]]
INTERLANGUAGE = re.compile(r"(?:[a-z]{2,3}|simple)(?:-[a-z]+)*$")
# Two or three letters that name a sister project or a database, so that their links show.
INTERWIKI = frozenset(["mw", "voy", "doi", "rfc", "wmf", "irc", "hdl", "oed", "pmc", "sep", "mix"])
PROTOCOL = re.compile(r"(?:https?|ftp):?//\S*\s*", re.IGNORECASE)

EXTERNAL = re.compile(
    r"\[(?:(?:[a-z]{3,9}:)?//|mailto:|news:|tel:)[^\s\[\]<>]*+[^\S\n]*+((?:[^\[\]\n]|\[[^\[\]\n]*+\])*+)\]",
    re.IGNORECASE,
)
BARE = re.compile(r"\[?(?:https?|ftp)://[^\s<>\[\]|{}\"]*[^\s<>\[\]|{}\".,;:!?)']")


def without_links(text: str, site: Site) -> str:
    """`text` with each link's label in its place; files, categories and links to other languages vanish."""
    for _ in range(DEEPEST):
        if "]]" not in text:
            break
        parts = LINK.split(text)
        if len(parts) == 1:
            break
        parts[1::3] = [
            _shown(target, label, before, site)
            if ":" in target or label == ""
            else target
            if label is None
            else label.rpartition("|")[2]
            for before, target, label in zip(parts[0::3], parts[1::3], parts[2::3], strict=False)
        ]
        del parts[2::3]
        text = "".join(parts)
    return text


def _shown(target: str, label: str | None, before: str, site: Site) -> str:
    """What a reader sees of a link that names a namespace, another wiki, or nothing but its target."""
    target = target.strip(" _\u200e\u200f")
    prefix, colon, page = target.removeprefix(":").partition(":")
    if colon and PROTOCOL.match(target):  # [[http://...]], an external link in one bracket too many
        return label or PROTOCOL.sub("", target)
    if colon and not target.startswith(":") and _is_hidden(prefix, page, site):
        if label and len(label) > LONGEST_CAPTION and "\n\n" in label:
            return "\n" + label.partition("\n\n")[2]
        return MARK if before and before[-1] in EXPOSED else ""
    if label:
        return label.rpartition("|")[2]
    project = PROJECT.match(prefix) and not page.startswith(" ")
    if colon and (project or site.namespace_of(f"{prefix}:{page}") or target.startswith(":")):
        target = page.strip()
    return target if label is None else target.partition(" (")[0]  # the pipe trick, [[Mercury (planet)|]]


def _is_hidden(prefix: str, page: str, site: Site) -> bool:
    """Whether a link is no part of the text: a file, a category, or the page's name in another language."""
    if site.namespace_of(f"{prefix}:{page}") in (FILE, CATEGORY):
        return True
    return bool(INTERLANGUAGE.match(prefix)) and prefix not in INTERWIKI and not page.startswith(" ")


def without_external_links(text: str) -> str:
    """`text` with `[http://address label]` as its label, and without bare addresses."""
    if "[" in text:
        text = EXTERNAL.sub(lambda match: match[1] or _gap(match), text)
    return BARE.sub(_gap, text) if "://" in text else text


def _gap(match: re.Match[str]) -> str:
    start, end = match.span()
    marked = (start and match.string[start - 1] in EXPOSED) or match.string[end : end + 2] in UNCOVERED
    return MARK if marked else ""
