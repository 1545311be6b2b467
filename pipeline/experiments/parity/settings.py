"""The section `parity`."""

from typing import Annotated, Literal, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Activation, Ascending, NotNegative, Proper, Section, Seed, Sizes, UnitName, ascending

Bits = Annotated[int, Field(ge=2, le=16)]  # 2^bits sequences are made


Unit = Literal[UnitName, "mogrifier"]


def _name_each_once(units: list[Unit]) -> list[Unit]:
    if len(set(units)) < len(units):
        raise ValueError("must name each unit once")
    return units


Units = Annotated[list[Unit], pydantic.AfterValidator(_name_each_once)]


class ParityRecurrent(Section):
    """The recurrent nets, trained by Adam."""

    units: Annotated[Units, Field(min_length=1)] = Field(
        ["elman", "rated", "gru", "lstm", "mogrifier", "mingru"],
        description="the recurrent units; `mogrifier` is an LSTM with five rounds",
    )
    hidden_size: PositiveInt = Field(4, description="the hidden size")
    activation: Activation = Field("tanh", description="activation of elman, rated and gru")
    bias_deviation: NotNegative = Field(1.0, description="standard deviation of the initial biases; the book: 0.0")
    readout_deviation: PositiveFloat = Field(
        8.0, description="standard deviation of the initial readout weights; the book: 0.4"
    )
    first_length: PositiveInt = Field(
        2,
        description="training starts with a search: sequences this long grow by one bit after each batch without an "
        "error, the gradient gets noise and the weights decay, until a batch of whole sequences has no error; after "
        "500 updates it starts anew from other weights",
    )
    gradient_noise: NotNegative = Field(0.03, description="standard deviation of the noise on the gradient in a search")
    weight_decay: NotNegative = Field(0.15, description="decoupled weight decay in a search")
    updates: PositiveInt = Field(
        200,
        description="number of batches without an error after a search, over which the learning rate falls to zero; "
        "one with an error takes back five",
    )
    most: PositiveInt = Field(2000, description="largest number of updates, with those of a search")
    learning_rate: PositiveFloat = Field(0.08, description="the learning rate in a search")
    gradient_clip: NotNegative = Field(0.1, description="largest norm of the gradient; 0: no clipping")
    state_noise: NotNegative = Field(
        0.3, description="largest uniform noise on the state that a sequence takes over from the one before"
    )


class ParityFeedforward(Section):
    """The feedforward nets, trained by Adam."""

    wide: Sizes = Field([2048], description="hidden units of each layer of the wide net; the book's values")
    deep: Sizes = Field(
        [128, 128],
        description="hidden units of each layer of the deep net; the book's [1024, 1024] takes twenty times as long",
    )
    updates: PositiveInt = Field(2000, description="number of updates")
    learning_rate: PositiveFloat = Field(
        0.1,
        description="the learning rate at the start; it is divided by the root of the widest layer's size and by the "
        "number of layers",
    )


class ParityNeeded(Section):
    """The search for the fewest hidden units that learn all sequences of a length."""

    units: Units = Field(
        ["elman", "gru"], description="recurrent units that are searched, in addition to the wide and deep nets"
    )
    bits: Annotated[list[Bits], Field(min_length=1), pydantic.AfterValidator(ascending)] = Field(
        [2, 4, 6, 8, 10, 12], description="lengths of the sequences"
    )
    hidden: Ascending = Field(
        [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128],
        description="numbers of units in a layer, tried in this order",
    )
    accuracy: Annotated[float, Field(gt=0.5, le=1)] = Field(
        0.99, description="accuracy at which sequences count as learnt"
    )
    seeds: PositiveInt = Field(2, description="number of seeds, of which one must reach that accuracy")


class Parity(Section):
    """The parity problem: is the number of ones odd? (book, chapter 2)"""

    seed: Seed = Field(1, description="the first seed")
    bits: Bits = Field(12, description="length of a sequence; all 2^bits sequences are learnt")
    seeds: PositiveInt = Field(10, description="number of seeds from which each net is trained")
    batch: PositiveInt = Field(128, description="number of sequences in an update")
    longest: PositiveInt = Field(120, description="length of the test sequences")
    test_sequences: PositiveInt = Field(1000, description="number of test sequences")
    held_out: Proper = Field(
        0.5, description="share of the sequences that are held out, to test a net that learns the others"
    )
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
