"""The section `poetry_generation`."""

from typing import Annotated

from pydantic import Field, PositiveInt

from pipeline.batches.settings import Sentences, Stream
from pipeline.run.section import BY_KIND, SHORT, Fraction, Name, NotNegative, Proper, Section, Seed, Sizes
from pipeline.store.settings import HeldOut
from pipeline.training.settings import Dropout, Elman, RecurrentModel

Temperature = Annotated[float, Field(ge=0.01, le=100)]


class Sampling(Section):
    """How words are drawn from a model's predictions."""

    temperature: Temperature = Field(0.8, description="below 1, likely words become likelier")
    top_k: Annotated[int, Field(ge=0)] = Field(0, description="draw from the k likeliest words; 0: all")
    top_p: Annotated[float, Field(ge=0.001, le=1)] = Field(
        0.95, description="draw from the likeliest words that hold this share; 1: all"
    )


class PoetModel(RecurrentModel):
    """A language model of a poet's lines: the keys of a language model, with defaults for little text."""

    embedding_size: PositiveInt = Field(64, description="values of a word's input vector")
    hidden_sizes: Sizes = Field([64], description="one number a layer")
    tie_weights: bool = Field(True, description="one matrix for embedding and softmax")
    dropout: Dropout = Field(Dropout(embedding=0.5, output=0.5), description="shares dropped in training")
    weight_decay: NotNegative = Field(0.3, description="what pulls weights towards zero")
    batches: Annotated[Sentences | Stream, BY_KIND, SHORT] = Field(
        Sentences(kind="sentences", tokens=150), description="what a training batch is made of"
    )
    epochs: PositiveInt = Field(60, description="most passes over the training lines")
    patience: PositiveInt = Field(
        12, description="epochs without a better validation perplexity before training stops early"
    )


BOOK = PoetModel(
    unit=Elman(kind="elman", activation="relu"),
    embedding_size=30,
    hidden_sizes=[30],
    learn_initial_state=True,
    tie_weights=False,
    dropout=Dropout(),
    weight_decay=0.0,
)


class PoetryGeneration(HeldOut):
    """Language models of each poet, and what they write."""

    seed: Seed = Field(1, description="of splits, weights and samples")
    test_fraction: Proper = Field(0.15, description="share of a poet's lines held out for testing, by whole poems")
    end_fraction: Fraction = Field(
        1.0, description="share of lines whose END is a target: all, or models would not learn to end a line"
    )
    least_count: PositiveInt = Field(2, description="rarer words of the training lines are UNKNOWN")
    models: Annotated[dict[Name, PoetModel], Field(min_length=1)] = Field(
        {"gru": PoetModel(), "book": BOOK}, description="each learns every poet; the first one writes"
    )
    sampling: Sampling = Field(Sampling(), description="how words are drawn")
    stanzas: PositiveInt = Field(6, description="stanzas of four lines that the page shows of each poet")
    novelty_lines: PositiveInt = Field(400, description="lines written to measure how much is copied")
    temperatures: Annotated[list[Temperature], Field(min_length=1)] = Field(
        [0.2, 0.4, 0.6, 0.8, 1.0, 1.2], description="temperatures at which that is measured"
    )

    @property
    def writer(self) -> str:
        """The name of the model that writes: the first."""
        return next(iter(self.models))
