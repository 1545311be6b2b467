"""The sections `embeddings` and `analogies`."""

from typing import Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import Section


class Embeddings(Section):
    """Which of a model's vectors are exported."""

    vectors: Literal["input", "output", "both"] = Field(
        "both", description="`both` are side by side: as many values as the two together"
    )
    scale: Literal["raw", "unit", "centred"] = Field(
        "centred", description="`unit`: length 1; `centred`: at length 1, less their mean, at length 1 again"
    )


class Analogies(Section):
    """What the analogy report asks and lists."""

    restrict: PositiveInt | None = Field(
        None, description="ask about so many of the most frequent words only; null: all"
    )
    frequent_words: PositiveInt = Field(12, description="frequent words whose neighbours the report lists")
    neighbours: PositiveInt = Field(10, description="neighbours of each")
