"""The settings of recurrent units, and of the vectors from which training starts."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import Activation, ByKind, Section, Text


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


Unit = ByKind[Elman | Rated | GRU | LSTM | MinGRU]


class Random(Section):
    """Random vectors."""

    kind: Literal["random"]


class Counted(Section):
    """Vectors from counts, as those of a model of kind `svd`."""

    kind: Literal["svd"]
    window: PositiveInt = Field(5, description="number of context words on each side")


class FromFile(Section):
    """Vectors that something else has learnt."""

    kind: Literal["file"]
    file: Text = Field(description="a file in word2vec's format; its vectors must have the length embedding_size")
    freeze: bool = Field(False, description="do not train these vectors")
