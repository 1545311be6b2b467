"""The section `poems`."""

from typing import Annotated

from pydantic import Field, PositiveInt

from pipeline.run.section import Matching, Name, Section, Text, Url

Sha256 = Annotated[str, Matching(r"^[0-9a-f]{64}$", "64 hexadecimal digits")]


class Ebook(Section):
    """A book of Project Gutenberg."""

    ebook: PositiveInt = Field(description="the book's number")
    sha256: Sha256 | None = Field(
        None, description="checksum of the book's text; blank: any text is accepted and its checksum is printed"
    )


Books = Annotated[list[Ebook], Field(min_length=1)]
POETS = {
    "robert_frost": [Ebook(ebook=3021), Ebook(ebook=3026), Ebook(ebook=29345)],
    "edgar_allan_poe": [Ebook(ebook=10031)],
}


class Gutenberg(Section):
    """The books that are downloaded from Project Gutenberg."""

    mirror: Url = Field("https://www.gutenberg.org", description="the server")
    poets: Annotated[dict[Name, Books], Field(min_length=1)] = Field(
        POETS,
        description="the books of each poet; default: Frost's A Boy's Will, North of Boston and Mountain Interval, and "
        "Poe's Complete Poetical Works",
    )


class Poems(Section):
    """The verse that is read."""

    source: Text = Field(
        "sample",
        description="`sample` (written for this project), `gutenberg` (downloads books), or a folder of NAME.txt files",
    )
    gutenberg: Gutenberg = Field(Gutenberg(), description="for `gutenberg`: the server and the books")
