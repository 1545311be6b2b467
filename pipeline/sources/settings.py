"""The section `wiki`."""

import datetime
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field, PositiveInt

from pipeline.run.section import Matching, Section, Text, Url

Project = Annotated[str, Matching(r"^[a-z][a-z0-9_]*$", "a wiki's database name, such as enwiki or simplewiki")]
# A code has two or three letters, except Wikimedia's `simple`: `turkish` would get the rules of no language.
Language = Annotated[str, Matching(r"^([a-z]{2,3}|simple)(-[a-z0-9]+)*$", "a language code such as tr or zh-yue")]


class Columns(Section):
    """The columns of articles in JSON Lines and Parquet, by default those of Hugging Face's wikimedia/wikipedia."""

    id: Text | None = Field("id", description="blank, or ids that are not numbers: articles are numbered")
    title: Text | None = Field("title", description="blank: articles have no title")
    text: Text = Field("text", description="prose, one paragraph on each line")


class Wiki(Section):
    """The text that is read: a Wikipedia dump, or text of your own."""

    source: Text = Field(
        "sample",
        description="`sample`, `dumps` (downloads a dump), the path or glob of your own dump files (.xml, .bz2, .gz) "
        "or prose (.txt with a paragraph a line and blank lines between articles, .jsonl, .parquet), or the folder of "
        "a corpus with its own splits (.txt or .tokens files named for train, valid and test)",
    )
    project: Project = Field("simplewiki", description="for `dumps`: the wiki, such as enwiki, dewiki or ltgwiki")
    date: str = Field("2026-07-01", description="for `dumps`: a date that `wikilm dumps WIKI` lists, in quotes")
    files: PositiveInt | None = Field(
        None, description="for `dumps`: read only this many files, from the first (the book's n_files); blank: all"
    )
    language: Language | None = Field(
        None, description="the code of the text's language, such as tr; blank: the language of the dump, or en"
    )
    columns: Columns = Field(Columns(), description="for .jsonl and .parquet: the names of the columns")
    mirror: Url = Field("https://dumps.wikimedia.org", description="for `dumps`: the server")
    layout: Literal["content", "legacy"] = Field(
        "content",
        description="for `dumps`: how the server names its files; `legacy`: as before 2026, still used by mirrors",
    )

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _be_a_date(cls, value: Any) -> Any:
        # YAML reads an unquoted date as a date, which DVC refuses without a hint, or as a number.
        if isinstance(value, datetime.date | int) and not isinstance(value, bool):
            raise ValueError(f"must be in quotes: '{value}'")
        if isinstance(value, str):
            try:
                datetime.date.fromisoformat(value)
            except ValueError:
                raise ValueError("must be a date such as '2026-07-01'; `wikilm dumps` lists them") from None
        return value
