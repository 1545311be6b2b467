"""The section `baselines`."""

from pydantic import Field, PositiveInt

from pipeline.run.section import Section


class Baselines(Section):
    """The Markov models that language models are compared with."""

    most_words: PositiveInt = Field(
        50_000_000, description="words of training text in which n-grams are counted, at 35 bytes of memory each"
    )
