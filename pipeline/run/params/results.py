"""The sections of the stages that come after training."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from pipeline.run.params.section import Section


class Embeddings(Section):
    """Whether the exported vectors are scaled to unit length."""

    unit_length: bool


class Analogies(Section):
    """How many frequent words, and how many neighbours of each, the analogy report lists."""

    frequent_words: PositiveInt
    neighbours: PositiveInt


class Report(Section):
    """The picture of the embeddings: how two dimensions are found, and for how many words."""

    projection: Literal["pca", "tsne"]
    words: Annotated[int, Field(ge=10, le=5000)]
