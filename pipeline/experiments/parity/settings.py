"""The section `parity`."""

from typing import Annotated, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Activation, Ascending, NotNegative, Proper, Section, Seed, Sizes, UnitName, ascending

Bits = Annotated[int, Field(ge=2, le=16)]  # of sequences that are all made: 2^bits of them


def _name_each_once(units: list[UnitName]) -> list[UnitName]:
    if len(set(units)) < len(units):
        raise ValueError("must name each unit once")
    return units


Units = Annotated[list[UnitName], pydantic.AfterValidator(_name_each_once)]


class ParityRecurrent(Section):
    """The recurrent nets, trained by Adam."""

    units: Annotated[Units, Field(min_length=1)] = Field(
        ["elman", "rated", "gru", "lstm"], description="the recurrent units"
    )
    hidden_size: PositiveInt = Field(4, description="hidden values")
    activation: Activation = Field("tanh", description="of elman, rated and gru")
    bias_deviation: NotNegative = Field(1.0, description="of the biases before training; the book's: 0.0")
    readout_deviation: PositiveFloat = Field(8.0, description="of the readout before training; the book's: 0.4")
    first_length: PositiveInt = Field(
        5, description="training begins on the first so many bits; one more after each batch all right"
    )
    tries: PositiveInt = Field(5, description="most tries of a seed, each from new weights, until all is right")
    updates: PositiveInt = Field(400, description="updates in a try")
    learning_rate: PositiveFloat = Field(0.08, description="at the start; it falls in a line to zero")
    gradient_clip: NotNegative = Field(0.1, description="largest norm of the gradient; 0 clips nothing")


class ParityFeedforward(Section):
    """The feedforward nets, trained by Adam: one number a layer."""

    wide: Sizes = Field([2048], description="hidden units; the book's")
    deep: Sizes = Field([128, 128], description="hidden units; the book's [1024, 1024] takes twenty times as long")
    updates: PositiveInt = Field(2000, description="updates in all")
    learning_rate: PositiveFloat = Field(
        0.1, description="at the start; divided by the root of the widest layer and by the number of layers"
    )
    gradient_clip: NotNegative = Field(0.0, description="largest norm of the gradient; 0 clips nothing")


class ParityNeeded(Section):
    """The search for the fewest hidden units that learn sequences of so many bits."""

    units: Units = Field(["elman", "gru"], description="recurrent units, besides wide and deep")
    bits: Annotated[list[Bits], Field(min_length=1), pydantic.AfterValidator(ascending)] = Field(
        [2, 4, 6, 8, 10, 12], description="lengths of the sequences"
    )
    hidden: Ascending = Field(
        [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128], description="units in a layer, tried in turn"
    )
    accuracy: Annotated[float, Field(gt=0.5, le=1)] = Field(0.99, description="what counts as learnt")
    seeds: PositiveInt = Field(2, description="seeds, of which one must reach it")


class Parity(Section):
    """Is the number of ones odd? (book, chapter 2)"""

    seed: Seed = Field(1, description="the first seed")
    bits: Bits = Field(12, description="bits of a sequence; all 2^bits sequences are learnt")
    seeds: PositiveInt = Field(10, description="seeds from which every net is trained")
    batch: PositiveInt = Field(128, description="sequences an update")
    longest: PositiveInt = Field(120, description="bits of the test sequences")
    test_sequences: PositiveInt = Field(1000, description="test sequences")
    held_out: Proper = Field(0.5, description="share of the sequences that a net is tested on, having learnt the rest")
    recurrent: ParityRecurrent = Field(ParityRecurrent(), description="the recurrent nets")
    feedforward: ParityFeedforward = Field(ParityFeedforward(), description="the feedforward nets")
    needed: ParityNeeded = Field(ParityNeeded(), description="the search for the fewest hidden units")

    @pydantic.model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.longest < self.bits:
            raise ValueError(f"longest ({self.longest}) must be at least bits ({self.bits})")
        if self.recurrent.first_length > self.bits:
            raise ValueError(
                f"recurrent.first_length ({self.recurrent.first_length}) must be at most bits ({self.bits})"
            )
        return self
