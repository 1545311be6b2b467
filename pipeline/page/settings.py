"""The section `report`."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.run.section import Section


class Report(Section):
    """The vectors that the page holds."""

    projection: Literal["pca", "tsne"] = Field("tsne", description="how two dimensions are found for the map of words")
    words: Annotated[int, Field(ge=10, le=5000)] = Field(
        1600, description="most frequent words whose vectors the page holds; of 6 models, 2 MB for each 1,000"
    )
