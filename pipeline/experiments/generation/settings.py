"""Settings of the poets' language models and of the verse that they write."""

from typing import Annotated

from pydantic import Field, PositiveInt

from pipeline.run.section import Name, Section
from pipeline.text.settings import HeldOut
from pipeline.training.settings import RecurrentModel, Training

Temperature = Annotated[float, Field(ge=0.01, le=100)]


class Sampling(Section):
    """How words are drawn from what a model predicts: see `models.sample.Sampling`."""

    temperature: Temperature
    top_k: Annotated[int, Field(ge=0)]  # 0: all words
    top_p: Annotated[float, Field(ge=0.001, le=1)]  # 1: all words


class PoetryGeneration(Training, HeldOut):
    """The language models of each poet, how they are trained and what they write."""

    least_count: PositiveInt  # of a word in the training lines; rarer ones are UNKNOWN
    models: Annotated[dict[Name, RecurrentModel], Field(min_length=1)]
    sampling: Sampling
    stanzas: PositiveInt  # of each poet on the page
    novelty_lines: PositiveInt  # that are written to measure how much of them is copied
    temperatures: Annotated[list[Temperature], Field(min_length=1)]  # at which that is measured

    @property
    def writer(self) -> str:
        """The model that writes: the first."""
        return next(iter(self.models))
