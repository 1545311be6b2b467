"""Entities to characters."""

import html
import re
from html.entities import html5

from pipeline.wikitext.reserved import without_reserved

ENTITY = re.compile(r"&(?:#0*+[0-9]{1,7}|#[xX]0*+[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


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
