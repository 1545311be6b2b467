"""The section `poems`."""

from typing import Annotated

from pydantic import Field, PositiveInt

from pipeline.run.section import Matching, Name, Section, Text, Url

Sha256 = Annotated[str, Matching(r"^[0-9a-f]{64}$", "64 hexadecimal digits")]


class Ebook(Section):
    """A book of Project Gutenberg."""

    ebook: PositiveInt = Field(description="its number")
    sha256: Sha256 | None = Field(None, description="its checksum; null accepts what comes and prints its checksum")


Books = Annotated[list[Ebook], Field(min_length=1)]
POETS = {
    "robert_frost": [Ebook(ebook=3021), Ebook(ebook=3026), Ebook(ebook=29345)],
    "edgar_allan_poe": [Ebook(ebook=10031)],
}


class Gutenberg(Section):
    """Where the books are, and whose they are."""

    mirror: Url = Field("https://www.gutenberg.org", description="the server")
    poets: Annotated[dict[Name, Books], Field(min_length=1)] = Field(
        POETS,
        description="by poet, a list of books such as {ebook: 3021}; by default A Boy's Will, North of Boston and "
        "Mountain Interval of Frost, and Poe's Complete Poetical Works",
    )


class Poems(Section):
    """Whose verse is read."""

    source: Text = Field(
        "sample", description="`sample` (written for this project), `gutenberg`, or your own folder of NAME.txt files"
    )
    gutenberg: Gutenberg = Field(Gutenberg(), description="the books of `gutenberg`")
