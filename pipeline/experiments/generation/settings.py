"""The section `poetry_generation`."""

from typing import Annotated, Literal, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.batches.settings import Batching, Sentences
from pipeline.run.section import Fraction, Name, NotNegative, Proper, Section, Seed, Share, Sizes, have_every_seed
from pipeline.store.settings import HeldOut
from pipeline.training.settings import Averaged, Constant, Dropout, NoAverage, RecurrentModel, Schedule
from pipeline.training.shared_settings import Elman

Temperature = Annotated[float, Field(ge=0.01, le=100)]


class Sampling(Section):
    """How words are sampled from a model's predictions."""

    temperature: Temperature = Field(0.8, description="below 1, likely words become likelier")
    top_k: Annotated[int, Field(ge=0)] = Field(
        0, description="sample from this many of the likeliest words; 0: from all"
    )
    top_p: Annotated[float, Field(ge=0.001, le=1)] = Field(
        0.95, description="sample from the likeliest words whose probabilities add up to this; 1: from all"
    )


class HeavyDropout(Dropout):
    """The share of values dropped in training, by place."""

    embedding: Share = Field(0.5, description="share of embedded words' values")
    output: Share = Field(0.5, description="share of the last layer's hidden values")


class PoetModel(RecurrentModel):
    """A language model of a poet's lines. Its keys are as in `models`, its defaults are for little text."""

    reads: Literal["words", "characters"] = Field("words", description="what a line is a sequence of")
    embedding_size: PositiveInt = Field(64, description="length of a word's input vector")
    hidden_sizes: Sizes = Field([64], description="hidden size of each layer")
    tie_weights: bool = Field(True, description="share one matrix between embedding and softmax")
    dropout: HeavyDropout = Field(HeavyDropout(), description="shares dropped in training")
    weight_decay: NotNegative = Field(0.3, description="weight decay, which pulls weights towards zero")
    learning_rate: PositiveFloat = Field(0.005, description="the learning rate, before the schedule changes it")
    schedule: Schedule = Field(Constant(kind="constant"), description="the learning rate schedule")
    average: Averaged = Field(
        NoAverage(kind="none"), description="the average of the weights over steps, which is validated and kept"
    )
    batches: Batching = Field(Sentences(kind="sentences", tokens=300), description="the text of a training batch")
    epochs: PositiveInt = Field(60, description="largest number of passes over the training lines")
    patience: PositiveInt = Field(
        12, description="epochs without a better validation perplexity after which training stops early"
    )


BOOK = PoetModel(
    unit=Elman(kind="elman", activation="relu"),
    embedding_size=30,
    hidden_sizes=[30],
    learn_initial_state=True,
    tie_weights=False,
    dropout=HeavyDropout(embedding=0.0, output=0.0),
    weight_decay=0.0,
)


CHARACTERS = PoetModel(
    reads="characters",
    embedding_size=128,
    hidden_sizes=[128],
    dropout=HeavyDropout(embedding=0.1, output=0.3),
    learning_rate=0.01,
    batches=Sentences(kind="sentences", tokens=500),
    epochs=15,
    patience=4,
)


class PoetryGeneration(HeldOut):
    """Language models of each poet, and the verse that they write."""

    seed: Seed = Field(1, description="seed of splits, weights and samples")
    test_fraction: Proper = Field(0.15, description="share of a poet's lines held out for testing, by whole poems")
    end_fraction: Fraction = Field(
        1.0, description="share of lines whose END is a target; below 1, models do not learn to end a line"
    )
    least_count: PositiveInt = Field(2, description="words that occur less often in the training lines are UNKNOWN")
    models: Annotated[dict[Name, PoetModel], Field(min_length=1)] = Field(
        {"gru": PoetModel(), "book": BOOK, "characters": CHARACTERS},
        description="models that are trained for each poet",
    )
    seeds: PositiveInt = Field(1, description="number of seeds from `seed` on; each model is trained once with each")
    writer: Name = Field("gru", description="the entry of `models` that writes the verse on the page")
    sampling: Sampling = Field(Sampling(), description="how words are sampled")
    stanzas: PositiveInt = Field(6, description="number of stanzas of four lines that the page shows for each poet")
    novelty_lines: PositiveInt = Field(
        400, description="number of lines that are written to measure how much is copied"
    )
    temperatures: Annotated[list[Temperature], Field(min_length=1)] = Field(
        [0.2, 0.4, 0.6, 0.8, 1.0, 1.2], description="temperatures at which copying is measured"
    )

    _have_every_seed = have_every_seed

    @pydantic.model_validator(mode="after")
    def _let_a_trained_model_write(self) -> Self:
        if self.writer not in self.models:
            raise ValueError(f"writer ({self.writer}) must be one of models: {', '.join(self.models)}")
        return self
