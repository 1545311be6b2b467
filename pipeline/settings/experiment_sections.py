"""The sections `parity`, `poems`, `poetry_generation` and `poetry_classification`."""

from typing import Annotated, Self

import pydantic
from pydantic import Field, PositiveInt

from pipeline.run.section import Name, NonEmpty, NotNegative, Section, Share, Sizes
from pipeline.settings.model_sections import Dropout, RandomRows, RecurrentModel, UnitName, UnitSetting, unit_section


class Parity(Section):
    """The parity problem: is the number of ones odd? (book, chapter 2)"""

    bits: Annotated[int, Field(ge=2, le=16)] = Field(12, description="length of a sequence; all 2^bits are learnt")
    seeds: PositiveInt = Field(10, description="number of seeds, from 1 on, from which each net is trained")
    longest: PositiveInt = Field(120, description="length of the test sequences")
    deep: Sizes = Field(
        [128, 128],
        description="hidden units of each layer of the deep feedforward net; the book's [1024, 1024] takes far longer",
    )

    @pydantic.model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.longest < self.bits:
            raise ValueError(f"longest ({self.longest}) must be at least bits ({self.bits})")
        return self


Ebooks = Annotated[list[PositiveInt], Field(min_length=1)]


class Poems(Section):
    """The verse that is read."""

    source: NonEmpty = Field(
        "sample",
        description="`sample` (written for this project), `gutenberg` (downloads books), or a folder of NAME.txt files",
    )
    gutenberg: Annotated[dict[Name, Ebooks], Field(min_length=1)] = Field(
        {"robert_frost": [3021, 3026, 29345], "edgar_allan_poe": [10031]},
        description="for `gutenberg`: the numbers of each poet's ebooks; default: Frost's A Boy's Will, North of "
        "Boston and Mountain Interval, and Poe's Complete Poetical Works",
    )


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


class PoetModel(Section):
    """A language model of a poet's lines, with one layer."""

    unit: UnitSetting = Field(unit_section("gru"), description="the recurrent unit")
    hidden_size: PositiveInt = Field(64, description="length of a word's input vector, and the hidden size")
    learn_initial_state: bool = Field(False, description="learn the state before the first word; otherwise it is zero")
    tie_weights: bool = Field(True, description="share one matrix between embedding and softmax")
    dropout: Share = Field(0.5, description="share of embedded words' and of hidden values dropped in training")
    weight_decay: NotNegative = Field(0.3, description="weight decay, which pulls weights towards zero")
    epochs: PositiveInt = Field(60, description="largest number of passes over the training lines")

    def recurrent_model(self) -> RecurrentModel:
        """Return all settings of the training, which are for little text."""
        return RecurrentModel(
            **self.model_dump(include={"unit", "learn_initial_state", "tie_weights", "weight_decay", "epochs"}),
            embedding_size=self.hidden_size,
            hidden_sizes=[self.hidden_size],
            dropout=Dropout(embedding=self.dropout, output=self.dropout),
            learning_rate=0.005,
            schedule="constant",
            average_decay=0.0,
            bfloat16=False,
            batches=RandomRows(kind="random_rows", tokens=300),
            patience=12,
        )


BOOK_POET = PoetModel(
    unit=unit_section("elman", activation="relu"),
    hidden_size=30,
    learn_initial_state=True,
    tie_weights=False,
    dropout=0.0,
    weight_decay=0.0,
)


class PoetryGeneration(Section):
    """Language models of each poet, and the verse that they write."""

    models: Annotated[dict[Name, PoetModel], Field(min_length=1)] = Field(
        {"gru": PoetModel(), "book": BOOK_POET}, description="models that are trained for each poet"
    )
    seeds: PositiveInt = Field(1, description="number of seeds, from 1 on; each model is trained once with each")
    writer: Name = Field("gru", description="the entry of `models` that writes the verse on the page")
    sampling: Sampling = Field(Sampling(), description="how words are sampled")

    @pydantic.model_validator(mode="after")
    def _let_a_trained_model_write(self) -> Self:
        if self.writer not in self.models:
            raise ValueError(f"writer ({self.writer}) must be one of models: {', '.join(self.models)}")
        return self


class PoetryClassification(Section):
    """Classifying lines by poet, from their part-of-speech tags."""

    folds: Annotated[int, Field(ge=3)] = Field(
        5,
        description="number of cross-validation folds; a poem is in one fold only; the inner folds, which choose the "
        "classifiers' settings, are the other ones",
    )
    repeats: PositiveInt = Field(
        1, description="number of times that folds are drawn; 10 gives steadier figures on much verse"
    )
    unit: UnitName = Field("gru", description="the unit of the recurrent networks; the book uses elman")
