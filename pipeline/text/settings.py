"""The sections of the stages from a dump to sequences.db."""

import datetime
from typing import Annotated, Any, Literal, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Section


class Wiki(Section):
    """Which dump: `sample`, `dumps` as the other keys say, or the path or glob of dump files."""

    source: Annotated[str, Field(min_length=1)]
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    date: str
    files: PositiveInt | None
    mirror: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    layout: Literal["content", "legacy"]

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _want_quotes(cls, value: Any) -> Any:
        # YAML reads it as a date, which DVC refuses with no word on what to do, or as a number.
        if isinstance(value, (datetime.date, int)):
            raise ValueError(f'put it in quotes: "{value}"')
        return value


class Extract(Section):
    """Markup to prose: whether list items are prose, and which pages are too short or take too long."""

    lists: bool
    min_characters: PositiveInt
    page_seconds: PositiveFloat


class Tokens(Section):
    """Prose to sequences: what a sequence is, and the fewest words that make one."""

    unit: Literal["sentence", "paragraph"]
    min_words: PositiveInt


class Vocabulary(Section):
    """The book's n_vocab: START, END and the most frequent words. UNKNOWN comes on top."""

    size: Annotated[int, Field(ge=3, lt=2**32 - 1)]


class HeldOut(Section):
    """The shares of a text that are held out for validation and for testing."""

    valid_fraction: Annotated[float, Field(gt=0, lt=1)]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]

    @pydantic.model_validator(mode="after")
    def _leave_some_to_train_on(self) -> Self:
        if self.valid_fraction + self.test_fraction >= 1:
            raise ValueError("valid_fraction + test_fraction must stay below 1")
        return self


class Index(HeldOut):
    """How sequences.db is parted: the shares of the articles that are held out."""


class Baselines(Section):
    """In how many words of training text n-grams are counted: more of them cost memory."""

    most_words: PositiveInt
