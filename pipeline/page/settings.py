"""The section `report`."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.run.section import NotNegative, Section


class Report(Section):
    """The page with the results."""

    projection: Literal["pca", "tsne"] = Field(
        "tsne", description="the method that projects word vectors to two dimensions for the map of words"
    )
    words: Annotated[int, Field(ge=10, le=10_000)] = Field(
        10_000,
        description="number of most frequent words whose vectors the page holds; 10,000 words of 128 values "
        "take 3.4 MB",
    )
    megabytes: NotNegative = Field(
        1.0, description="room for vectors on the page: those of the best model, and of others that fit, too"
    )
