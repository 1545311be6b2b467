"""Internal and external links to their labels."""

import re
from urllib.parse import unquote

from pipeline.wikitext.characters import MARK, SEPARATOR
from pipeline.wikitext.site import CATEGORY, CODES, FILE, Site
from pipeline.wikitext.spans import EXPOSED, cut

# The innermost links: no `[[` inside. Each repetition is possessive, and an opener reads no further than
# the next one.
LINK = re.compile(r"\[\[([^\[\]|\n{}]*+)(?:\|([^\[\]]*+(?:(?:\](?!\])|\[(?!\[))[^\[\]]*+)*+))?\]\]")
DEEPEST_LINK = 6  # captions hold links that hold files that hold captions; deeper text is not prose
LONGEST_CAPTION = 3_000  # a longer file link over several paragraphs was never closed

PROJECT = re.compile(r"[a-z]+(?:-[a-z]+)*$")  # a sister project, as in [[wikt:word]]
INTERLANGUAGE = re.compile(r"(?:[a-z]{2,3}|simple)(?:-[a-z]+)*$")  # newer Wikipedias' codes look the same
# Two or three letters that name a sister project or a database, so that their links show.
INTERWIKI = frozenset(["mw", "voy", "doi", "rfc", "wmf", "irc", "hdl", "oed", "pmc", "sep", "mix"])
UNTITLED = re.compile(r"[\[\]{}|<>\ufffd]|%[0-9a-fA-F]{2}")  # no title holds these
PROTOCOL = re.compile(r"(?:https?|ftp):?//\S*\s*", re.IGNORECASE)

IMAGE = re.compile(r"\.(?:jpe?g|png|svg|gif|tiff?|webp|xcf|og[gv]|webm|pdf|djvu)\s*$", re.IGNORECASE)
LINE_STARTS = frozenset("*#:;=|!")  # signs of lists, headings and tables, unless a label begins with them
MISLEADING = re.compile(r"\n\[\[(?:[^\[\]|\n]*+\|)?[*#:;=|!]")

# An address ends before a blank, a bracket, a quote, a less-than sign as an entity too, or what <nowiki> holds.
IN_ADDRESS = r"[^\s\[\]<>\"'&\x01]"
ADDRESS = rf"(?:\[[0-9a-fA-F:.]++\])?{IN_ADDRESS}*+(?:(?:'(?!')|&(?![lg]t;)){IN_ADDRESS}*+)*+"
OTHER_PROTOCOLS = "(?:bitcoin|geo|magnet|mailto|matrix|news|sips?|sms|tel|urn|xmpp):"
EXTERNAL = re.compile(
    rf"\[(?:(?:[a-z]{{3,9}}:)?//|{OTHER_PROTOCOLS}){ADDRESS}[^\S\n]*+((?:[^\[\]\n]|\[[^\[\]\n]*+\])*+)\]", re.IGNORECASE
)
BARE = re.compile(rf"\[?(?:https?|ftp)://{ADDRESS.replace(IN_ADDRESS, IN_ADDRESS[:-1] + '{}|]')}")
ENTITY_START = re.compile(r"&(?:[a-z]+|#x[0-9a-f]+|#[0-9]+)$", re.IGNORECASE)


def without_links(text: str, site: Site) -> str:
    """Return `text` with each link replaced by its label; files, categories and languages are removed."""
    misleading = text.startswith("[[") or MISLEADING.search(text)
    for _ in range(DEEPEST_LINK):
        parts = LINK.split(text) if "]]" in text else [text]
        if len(parts) == 1:
            break
        for at in range(1, len(parts), 3):
            target, label = parts[at : at + 2]
            shown = target if label is None else label
            if not shown or ":" in target or "%" in target or (misleading and shown[0] in LINE_STARTS):
                shown = _shown(target, label, parts[at - 1], site)
            parts[at : at + 2] = shown, ""
        text = "".join(parts)
    return text


def _as_text(label: str, before: str) -> str:
    """Return `label` so that its first sign is text even at the start of a line."""
    return f"{SEPARATOR}{label}" if label[:1] in LINE_STARTS and before[-1:] in ("", "\n") else label


def _shown(target: str, label: str | None, before: str, site: Site) -> str:
    """Return the visible text of a link that names a namespace, another wiki, or only its target."""
    target = target.strip(" _\u200e\u200f")
    prefix, colon, page = target.partition(":")
    if PROTOCOL.match(target):  # [[http://...]], an external link with one bracket too many
        return label or PROTOCOL.sub("", target)
    if colon and prefix and _is_hidden(prefix, page, site):
        if label and len(label) > LONGEST_CAPTION and "\n\n" in label:
            return "\n" + label.partition("\n\n")[2]
        return MARK if before and before[-1] in EXPOSED else ""
    if label:
        # A file whose namespace is not known has options before its caption.
        return label.rpartition("|")[2] if IMAGE.search(target) else _as_text(label, before)
    title = _without_prefix(target, site)
    # An empty label is the pipe trick: [[Mercury (planet)|]].
    return _as_text(_decoded(title), before) if label is None else title.partition(" (")[0]


def _without_prefix(target: str, site: Site) -> str:
    """Return a link's target without the namespace or the wiki that it names."""
    prefix, colon, page = target.removeprefix(":").partition(":")
    project = PROJECT.match(prefix) and not page.startswith(" ")
    known = target.startswith(":") or project or site.namespace_of(f"{prefix}:{page}")
    if not colon or not known or target.startswith("::"):
        return target
    return page.strip() or target.removeprefix(":")


def _decoded(target: str) -> str:
    """Return a target with percent-encoded signs, `Caf%C3%A9`, as MediaWiki shows it."""
    decoded = unquote(target) if "%" in target else target
    return decoded if decoded.isprintable() and not UNTITLED.search(decoded) else target


def _is_hidden(prefix: str, page: str, site: Site) -> bool:
    """Return whether a link is not part of the text: a file, a category, or the page's name in another language."""
    if site.namespace_of(f"{prefix}:{page}") in (FILE, CATEGORY) or prefix.strip(" _").lower() in CODES:
        return True
    return bool(INTERLANGUAGE.match(prefix)) and prefix not in INTERWIKI and not page.startswith(" ")


def without_external_links(text: str) -> str:
    """Return `text` with `[http://address label]` replaced by its label, and without bare addresses."""
    if "[" in text:
        text = EXTERNAL.sub(_label, text)
    return BARE.sub(_without_address, text) if "://" in text else text


def _label(match: re.Match[str]) -> str:
    start, label = match.start(), match[1]
    return _as_text(label, match.string[max(0, start - 1) : start]) if label else cut(match.string, start, match.end())


def _without_address(match: re.Match[str]) -> str:
    """Return what remains of a bare address: the punctuation after it."""
    found = match[0]
    address = found.rstrip(",;.:!?" if "(" in found else ",;.:!?)")
    if found.startswith(";", len(address)) and ENTITY_START.search(address[-40:]):
        address += ";"
    return cut(match.string, match.start(), match.start() + len(address)) + found[len(address) :]
