"""The sections `extract` and `tokens`."""

from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Section


class Extract(Section):
    """Markup to prose."""

    lists: bool = Field(False, description="keep list items as prose?")
    min_characters: PositiveInt = Field(1, description="an article with less prose is dropped")
    page_seconds: PositiveFloat = Field(60, description="a page that takes longer is dropped and named")


class Tokens(Section):
    """Prose to sequences of words."""

    unit: Literal["sentence", "paragraph"] = Field("sentence", description="what a sequence is")
    min_words: PositiveInt = Field(2, description="shorter sequences are dropped")
