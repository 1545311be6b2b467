"""The sections `vocabulary` and `index`."""

from typing import Annotated, Self

import pydantic
from pydantic import Field

from pipeline.run.section import Fraction, Proper, Section

MOST_HELD_OUT = 5_000_000  # words of the validation split and of the test split, which every model reads whole


class Vocabulary(Section):
    """The vocabulary of all models."""

    size: Annotated[int, Field(ge=3, lt=2**32 - 1)] = Field(
        2000,
        description="number of words: START, END and the most frequent words, without UNKNOWN (the book's n_vocab)",
    )


class HeldOut(Section):
    """The sizes of the validation and test splits."""

    valid_fraction: Proper = Field(0.1, description="share of the text held out for validation")
    test_fraction: Proper = Field(0.1, description="share of the text held out for testing")

    @pydantic.model_validator(mode="after")
    def _leave_some_to_train_on(self) -> Self:
        if self.valid_fraction + self.test_fraction >= 1:
            raise ValueError("valid_fraction + test_fraction must be below 1")
        return self


class Index(HeldOut):
    """The splits of sequences.db, by whole articles, and which ENDs are targets."""

    valid_fraction: Proper = Field(
        0.15,
        description="share of the text held out for validation, at most about 5 million words; "
        "text with its own splits keeps them",
    )
    test_fraction: Proper = Field(
        0.15,
        description="share of the text held out for testing, at most about 5 million words; "
        "text with its own splits keeps them",
    )
    end_fraction: Fraction = Field(
        1.0, description="share of sequences whose END is a target; the book draws one in a hundred"
    )
