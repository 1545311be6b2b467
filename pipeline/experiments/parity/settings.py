"""Settings of the parity experiment."""

from typing import Annotated

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Activation, Section, Unit

Bits = Annotated[int, Field(ge=2, le=16)]  # of sequences that are all made: 2^bits of them


def _name_each_once(units: list[Unit]) -> list[Unit]:
    if len(set(units)) < len(units):
        raise ValueError("must name each unit once")
    return units


Units = Annotated[list[Unit], pydantic.AfterValidator(_name_each_once)]


class ParityTraining(Section):
    """How a net is trained, by Adam."""

    updates: PositiveInt
    learning_rate: PositiveFloat
    gradient_clip: Annotated[float, Field(ge=0)]  # the largest norm of the gradient; 0 clips nothing


class ParityRecurrent(ParityTraining):
    """The recurrent nets; a seed has tries of so many updates, each from new weights, until one has all right."""

    units: Annotated[Units, Field(min_length=1)]
    hidden_size: PositiveInt
    activation: Activation  # of an Elman unit, or of the candidate of rated and GRU
    bias_deviation: Annotated[float, Field(ge=0)]  # of the weights before training
    readout_deviation: PositiveFloat
    first_length: PositiveInt  # of the sequences, cut, that training begins with
    tries: PositiveInt


class ParityFeedforward(ParityTraining):
    """The feedforward nets: a number a layer. The rate is divided by the root of the widest, and by their number."""

    wide: Annotated[list[PositiveInt], Field(min_length=1)]
    deep: Annotated[list[PositiveInt], Field(min_length=1)]


class ParityNeeded(Section):
    """The search for the fewest hidden units that learn sequences of so many bits."""

    units: Units  # beside the feedforward nets
    bits: Annotated[list[Bits], Field(min_length=1)]
    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    accuracy: Annotated[float, Field(gt=0.5, le=1)]
    seeds: PositiveInt  # of which one must reach it

    @pydantic.field_validator("bits", "hidden")
    @classmethod
    def _ascend(cls, value: list[int]) -> list[int]:
        if value != sorted(set(value)):
            raise ValueError("must ascend")
        return value


class Parity(Section):
    """The parity problem: the sequences, the nets, and what they are tested on."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    bits: Bits
    seeds: PositiveInt  # that every net is trained from
    batch: PositiveInt
    longest: PositiveInt  # the bits of the test sequences
    test_sequences: PositiveInt
    held_out: Annotated[float, Field(gt=0, lt=1)]
    recurrent: ParityRecurrent
    feedforward: ParityFeedforward
    needed: ParityNeeded

    @pydantic.model_validator(mode="after")
    def _fit_together(self) -> "Parity":
        if self.longest < self.bits:
            raise ValueError(f"longest ({self.longest}) must be bits ({self.bits}) at least")
        if self.recurrent.first_length > self.bits:
            raise ValueError(
                f"recurrent.first_length ({self.recurrent.first_length}) must be bits ({self.bits}) at most"
            )
        return self
