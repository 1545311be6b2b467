"""The sections of the stages that come after training."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import Section


class Embeddings(Section):
    """Which of a model's vectors are exported, and how they are scaled."""

    vectors: Literal["input", "output", "both"]  # both: side by side, so of as many values as the two together
    scale: Literal["raw", "unit", "centred"]


class Analogies(Section):
    """What analogies are asked about, and of how many frequent words how many neighbours the report lists."""

    restrict: PositiveInt | None  # to so many of the most frequent words
    frequent_words: PositiveInt
    neighbours: PositiveInt


class Report(Section):
    """The vectors that the page holds: of how many frequent words, and how two dimensions are found for their map."""

    projection: Literal["pca", "tsne"]
    words: Annotated[int, Field(ge=10, le=5000)]
