"""The section `report`."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.run.section import Section


class Report(Section):
    """The page with the results."""

    projection: Literal["pca", "tsne"] = Field(
        "tsne", description="the method that projects word vectors to two dimensions for the map of words"
    )
    words: Annotated[int, Field(ge=10, le=5000)] = Field(
        1600,
        description="number of most frequent words whose vectors the page holds; 1,000 words of 6 models take 2 MB",
    )
