"""The section `wiki`."""

import datetime
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field, PositiveInt

from pipeline.run.section import Matching, Section, Text, Url

Project = Annotated[str, Matching(r"^[a-z][a-z0-9_]*$", "a wiki's database name, such as enwiki or simplewiki")]


class Wiki(Section):
    """The dump to read."""

    source: Text = Field(
        "sample", description="`sample`, `dumps` (downloaded), or the path or glob of dump files (.xml, .bz2, .gz)"
    )
    project: Project = Field("simplewiki", description="of `dumps`: the wiki, such as enwiki, dewiki or ltgwiki")
    date: str = Field("2026-07-01", description="of `dumps`: a date that `wikilm dumps` lists, in quotes")
    files: PositiveInt | None = Field(
        None, description="of `dumps`: only the first so many files (the book's n_files); null: all"
    )
    mirror: Url = Field("https://dumps.wikimedia.org", description="of `dumps`: the server")
    layout: Literal["content", "legacy"] = Field(
        "content", description="of `dumps`: `legacy` is the layout before 2026, which mirrors and archives keep"
    )

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _be_a_date(cls, value: Any) -> Any:
        # YAML reads an unquoted one as a date, which DVC refuses with no word on what to do, or as a number.
        if isinstance(value, datetime.date | int) and not isinstance(value, bool):
            raise ValueError(f"must be in quotes: '{value}'")
        if isinstance(value, str):
            try:
                datetime.date.fromisoformat(value)
            except ValueError:
                raise ValueError("must be a date such as '2026-07-01'; `wikilm dumps` lists them") from None
        return value
