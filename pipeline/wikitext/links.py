"""Internal and external links to their labels."""

import re

from pipeline.wikitext.scan import EXPOSED, MARK
from pipeline.wikitext.site import CATEGORY, FILE, Site

# The innermost links: no `[[` inside. Each repetition is possessive, and an opener reads no further than
# the next one.
LINK = re.compile(r"\[\[([^\[\]|\n{}]*+)(?:\|([^\[\]]*+(?:(?:\](?!\])|\[(?!\[))[^\[\]]*+)*+))?\]\]")
DEEPEST = 6  # captions hold links that hold files that hold captions; deeper is no prose
LONGEST_CAPTION = 3_000  # a longer file link that spans paragraphs was never closed

INTERLANGUAGE = re.compile(r"(?:[a-z]{2,3}|simple)(?:-[a-z]+)*$")
# Two or three letters that name a sister project or a database, so that their links show.
INTERWIKI = frozenset(["mw", "doi", "rfc", "wmf", "irc", "hdl", "oed", "pmc", "sep", "mix"])
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
    visible = target.startswith(":")  # [[:File:...]] is a link to the file, not the file
    target = target.removeprefix(":")
    prefix, colon, page = target.partition(":")
    if colon:
        if PROTOCOL.match(target):
            return label or PROTOCOL.sub("", target)
        hidden = not visible and (
            site.namespace_of(target) in (FILE, CATEGORY)
            or (INTERLANGUAGE.match(prefix) and prefix not in INTERWIKI and not page.startswith(" "))
        )
        if hidden:
            if len(label or "") > LONGEST_CAPTION and "\n\n" in (label or ""):
                return "\n" + (label or "").partition("\n\n")[2]
            return MARK if before[-1:] in EXPOSED and before else ""
        if not label and (site.namespace_of(target) or prefix.islower() or visible):
            target = page.strip()
    if label:
        return label.rpartition("|")[2]
    if label is None:
        return target
    return target.partition(" (")[0]  # the pipe trick, [[Mercury (planet)|]]


def without_external_links(text: str) -> str:
    """`text` with `[http://address label]` as its label, and without bare addresses."""
    if "[" in text:
        text = EXTERNAL.sub(lambda match: match[1] or _gap(match), text)
    return BARE.sub(_gap, text) if "://" in text else text


def _gap(match: re.Match[str]) -> str:
    start = match.start()
    return MARK if start and match.string[start - 1] in EXPOSED else ""
