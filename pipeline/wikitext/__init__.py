"""Wikitext to prose. One pure function; it knows no files and imports nothing of the project."""

from pipeline.wikitext.site import Site
from pipeline.wikitext.strip import strip_markup

__all__ = ["Site", "strip_markup"]
