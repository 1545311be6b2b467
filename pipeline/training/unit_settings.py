"""The settings of recurrent units."""

from typing import Annotated, Literal, Self

import pydantic
from pydantic import Field

from pipeline.run.section import BY_KIND, SHORT, Activation, Section


class Elman(Section):
    """The simple recurrent unit."""

    kind: Literal["elman"]
    activation: Activation = Field("tanh", description="activation of the hidden values")


class Rated(Section):
    """The book's rated unit, which has only an update gate."""

    kind: Literal["rated"]
    activation: Activation = Field("tanh", description="activation of the candidate")


class Mogrified(Section):
    """A unit that may have the Mogrifier's rounds."""

    kind: Literal["gru", "lstm"]
    mogrifier: Annotated[int, Field(ge=0)] = Field(
        0, description="number of rounds in which inputs and hidden values gate each other (Mogrifier); the paper has 5"
    )
    mogrifier_rank: Annotated[int, Field(ge=0)] = Field(
        0, description="rank of the matrices of these rounds; 0: they are not factored"
    )

    @pydantic.model_validator(mode="after")
    def _factor_what_there_is(self) -> Self:
        if self.mogrifier_rank and not self.mogrifier:
            raise ValueError(f"mogrifier_rank ({self.mogrifier_rank}) needs a mogrifier of 1 or more rounds")
        return self


class GRU(Mogrified):
    """The gated recurrent unit."""

    kind: Literal["gru"]
    activation: Activation = Field("tanh", description="activation of the candidate")
    reset_after: bool = Field(
        True,
        description="apply the reset gate after the matrix product (as torch does) or before it (as the book does)",
    )


class LSTM(Mogrified):
    """Long short-term memory."""

    kind: Literal["lstm"]
    peepholes: bool = Field(False, description="connect the cell to the gates (as the book does)")


class MinGRU(Section):
    """The minimal GRU, which is linear in its state and has no hidden-to-hidden weights."""

    kind: Literal["mingru"]


Unit = Annotated[Elman | Rated | GRU | LSTM | MinGRU, BY_KIND, SHORT]
