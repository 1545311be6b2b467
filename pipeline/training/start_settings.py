"""The settings of the vectors from which training starts."""

from typing import Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import Section, Text


class Random(Section):
    """Random vectors."""

    kind: Literal["random"]


class Counted(Section):
    """The vectors of a model of kind `svd`, which takes seconds."""

    kind: Literal["svd"]
    window: PositiveInt = Field(5, description="number of context words on each side")


class FromFile(Section):
    """Vectors that something else has learnt."""

    kind: Literal["file"]
    file: Text = Field(description="a file in word2vec's format; its vectors must have the length embedding_size")
    freeze: bool = Field(False, description="do not train these vectors")
