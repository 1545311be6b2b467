"""Wikitext to prose. One pure function; it reads no files and imports nothing from the project."""

from pipeline.wikitext.site import Site
from pipeline.wikitext.strip import Prose, strip_markup, strip_page

__all__ = ["Prose", "Site", "strip_markup", "strip_page"]
