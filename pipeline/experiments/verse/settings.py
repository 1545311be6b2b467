"""Settings of the verse that the poetry experiments read."""

from typing import Annotated

from pydantic import Field, PositiveInt

from pipeline.run.section import Name, Section


class Ebook(Section):
    """A book of Project Gutenberg by its number, and its checksum, or none while no one has it at hand."""

    ebook: PositiveInt
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None


class Gutenberg(Section):
    """Where the books are, and which are whose."""

    mirror: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    poets: Annotated[dict[Name, Annotated[list[Ebook], Field(min_length=1)]], Field(min_length=1)]


class Poems(Section):
    """Whose verse: `sample`, `gutenberg`, or a folder of NAME.txt files."""

    source: Annotated[str, Field(min_length=1)]
    gutenberg: Gutenberg
