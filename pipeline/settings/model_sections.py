"""The sections `train` and `models`: batches, recurrent units, and entries that are language models."""

import dataclasses
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_type_hints

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from models.recurrent.units import UNITS, Unit
from pipeline.run.section import (
    LARGEST,
    Ascending,
    ByKind,
    NonEmpty,
    NotNegative,
    Section,
    Seed,
    Share,
    Sizes,
    have_every_seed,
)


class Train(Section):
    """What all models share."""

    seed: Seed = Field(
        1, description="seed of all that is random in `models` and `baselines`; a new one trains all models again"
    )
    seeds: PositiveInt = Field(
        1, description="number of seeds from `seed` on; each language model is trained once with each of them"
    )

    _have_every_seed = have_every_seed


class RandomRows(Section):
    """Rows at random, each read from START and the initial state."""

    kind: Literal["random_rows"]
    tokens: PositiveInt = Field(
        512, description="most tokens in a batch, padding included; a longer row is a batch of its own"
    )


class Stream(Section):
    """The training split as a stream of articles; the state is carried from batch to batch (truncated BPTT)."""

    kind: Literal["stream"]
    rows: PositiveInt = Field(16, description="number of places at which the stream is read in parallel")
    steps: PositiveInt = Field(35, description="number of steps through which gradients flow back")


Batching = ByKind[RandomRows | Stream]


class UnitSection(Section):
    """A recurrent unit with its settings."""

    kind: str


def _section_of(unit: type[Unit]) -> type[UnitSection]:
    """Return the section of a unit: its settings, with the unit's name as `kind`."""
    hints, about = get_type_hints(unit), (unit.__doc__ or "").partition("\n")[0]
    fields = {own.name: (hints[own.name], Field(own.default, **own.metadata)) for own in dataclasses.fields(unit)}
    found: type[UnitSection] = pydantic.create_model(  # type: ignore[call-overload] # of fields that mypy cannot know
        unit.__name__, __base__=UnitSection, __module__=__name__, __doc__=about, kind=Literal[unit.name], **fields
    )
    return found


UNIT_SECTIONS = {name: _section_of(unit) for name, unit in UNITS.items()}
_found = {section.__name__: section for section in UNIT_SECTIONS.values()}
assert not _found.keys() & globals().keys(), "a unit has the name of another section"
globals().update(_found)  # where pickle finds them
if TYPE_CHECKING:
    AnyUnit = UnitSection
    UnitName = str
else:
    AnyUnit = reduce(or_, UNIT_SECTIONS.values())
    UnitName = Literal[tuple(UNITS)]
UnitSetting = ByKind[AnyUnit]


def unit_section(kind: UnitName, **settings: Any) -> UnitSection:
    """Return the section of a unit."""
    return UNIT_SECTIONS[kind](kind=kind, **settings)


class Random(Section):
    """Random vectors."""

    kind: Literal["random"]


class Counted(Section):
    """Vectors from counts (a language model's: of some 5 million words); an exact softmax starts as a unigram model."""

    kind: Literal["svd"]


class FromFile(Section):
    """Vectors that something else has learnt."""

    kind: Literal["file"]
    file: NonEmpty = Field(description="a file in word2vec's format; its vectors must have the length embedding_size")
    freeze: bool = Field(False, description="do not train these vectors")


class FromModel(Section):
    """All weights of a language model that was trained before, with the same network."""

    kind: Literal["model"]
    folder: NonEmpty = Field(description="a copy of its folder in data/models, vocabulary.tsv and tokenizer.json in it")


HIDDEN_SIZE = 128  # by default


class Dropout(Section):
    """The share of values dropped in training, by place; 0 drops nothing."""

    words: Share = Field(0.0, description="share of the words, whose input vectors are dropped wherever they occur")
    embedding: Share = Field(0.0, description="share of embedded words' values")
    layers: Share = Field(0.0, description="share of the values between two layers")
    output: Share = Field(0.0, description="share of the last layer's hidden values")
    weights: Share = Field(
        0.0, description="share of the hidden-to-hidden weights (DropConnect), rounded to a multiple of 1/256"
    )


class LightDropout(Dropout):
    """The share of values dropped in training, by place."""

    output: Share = Field(0.25, description="share of the last layer's hidden values")


class Exact(Section):
    """The softmax over all words."""

    kind: Literal["exact"]


class Adaptive(Section):
    """A softmax over frequent words and clusters of rarer words (adaptive softmax)."""

    kind: Literal["adaptive"]
    cutoffs: Ascending = Field([2000], description="the number of words before each cluster")


class Adam(Section):
    """AdamW."""

    kind: Literal["adam"]


class Sgd(Section):
    """Stochastic gradient descent."""

    kind: Literal["sgd"]
    momentum: Share = Field(0.9, description="share of the previous step that is added")


def _whole(value: float) -> float:
    """Return a whole number as an integer, as people write it."""
    return int(value) if value == int(value) else value


Passes = Annotated[float, Field(gt=0, allow_inf_nan=False), pydantic.AfterValidator(_whole)]
Schedule = Literal["constant", "decay", "cosine"]


class RecurrentModel(Section):
    """A language model: its unit, its sizes, its regularisation, and how it is trained."""

    unit: UnitSetting = Field(unit_section("gru"), description="the recurrent unit")
    embedding_size: PositiveInt = Field(
        HIDDEN_SIZE, description="length of a word's input vector; by default the last of hidden_sizes"
    )
    hidden_sizes: Sizes = Field([HIDDEN_SIZE], description="hidden size of each layer")
    learn_initial_state: bool = Field(False, description="learn the state before the first word; otherwise it is zero")
    tie_weights: bool = Field(
        True, description="share one matrix between embedding and softmax; by default where their sizes allow"
    )
    start: ByKind[Random | Counted] = Field(Random(kind="random"), description="the word vectors before training")
    loss: ByKind[Exact | Adaptive] = Field(
        Exact(kind="exact"), description="the softmax whose cross-entropy is minimized"
    )
    dropout: Dropout = Field(Dropout(), description="shares dropped in training")
    activation_penalty: NotNegative = Field(
        0.0, description="weight in the loss of the mean square of the last layer's hidden values (Merity et al. 2017)"
    )
    optimizer: ByKind[Adam | Sgd] = Field(Adam(kind="adam"), description="the optimizer that updates the weights")
    learning_rate: PositiveFloat = Field(0.01, description="the learning rate, before the schedule changes it")
    schedule: Schedule = Field(
        "cosine",
        description="`cosine`: 200 steps of warm-up, then half a cosine to a twentieth; `decay`: 0.99 after each epoch "
        "(as in the book)",
    )
    average_decay: Share = Field(
        0.998,
        description="the exponential average of the weights over steps is validated and kept; the factor by which a "
        "weight's share shrinks at each step; 0: the weights of the last step",
    )
    weight_decay: NotNegative = Field(
        0.25, description="decoupled weight decay of matrices, but not of input vectors, biases and initial states"
    )
    gradient_clip: NotNegative = Field(1.0, description="largest norm of the gradient; 0: no clipping")
    bfloat16: bool = Field(True, description="multiply in bfloat16 where the hardware supports it")
    batches: Batching = Field(Stream(kind="stream"), description="the text of a training batch")
    epochs: Passes = Field(
        4,
        description="largest number of passes over the training text; 1.5 are two epochs, which each read three "
        "quarters of it",
    )
    patience: PositiveInt = Field(
        3, description="epochs without a better validation perplexity after which training stops early"
    )

    @pydantic.model_validator(mode="after")
    def _tie_what_fits(self) -> Self:
        if self.tie_weights and self.embedding_size != self.hidden_sizes[-1]:
            raise ValueError(
                f"tie_weights needs embedding_size ({self.embedding_size}) and the last of hidden_sizes "
                f"({self.hidden_sizes[-1]}) to be equal"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _drop_what_exists(self) -> Self:
        if self.dropout.weights and not UNITS[self.unit.kind].hidden:
            raise ValueError(f"dropout.weights must be 0: {self.unit.kind} has no hidden-to-hidden weights")
        if self.dropout.layers and len(self.hidden_sizes) == 1:
            raise ValueError("dropout.layers must be 0: hidden_sizes has a single layer")
        return self


class LanguageModelEntry(RecurrentModel):
    """A language model, trained for its perplexity. Its defaults were tuned on the built-in sample."""

    kind: Literal["language_model"] = "language_model"
    start: ByKind[Random | Counted | FromFile | FromModel] = Field(  # type: ignore[assignment] # two kinds more
        Counted(kind="svd"), description="the word vectors before training, or all weights"
    )
    dropout: LightDropout = Field(LightDropout(), description="shares dropped in training")
    ngram_order: int = Field(
        0,
        ge=0,
        le=8,
        description="words in the longest n-gram that is counted and mixed in, through a gate that the hidden values "
        "open (Neubig and Dyer 2016); 0: none",
    )
    most_ngrams: PositiveInt | None = Field(
        None,
        description="keep only so many n-grams of two words and more, those without which the n-grams would lose most, "
        "in some 4 bytes each: such a model can be packed; blank: all",
    )
    dynamic_evaluation: bool = Field(
        False,
        description="measure the test split also with dynamic evaluation (Krause et al. 2018); needs `batches: stream`",
    )

    @pydantic.model_validator(mode="after")
    def _count_what_is_kept(self) -> Self:
        if self.most_ngrams and self.ngram_order < 2:
            raise ValueError("most_ngrams needs an ngram_order of 2 or more")
        return self

    @pydantic.model_validator(mode="after")
    def _adapt_to_a_stream(self) -> Self:
        if self.dynamic_evaluation and self.batches.kind != "stream":
            raise ValueError("dynamic_evaluation needs batches: stream; random rows have no text before them")
        return self

    @pydantic.model_validator(mode="before")
    @classmethod
    def _tie_where_possible(cls, content: Any) -> Any:
        """Fill in `embedding_size` and `tie_weights` by the sizes."""
        if not isinstance(content, dict):
            return content
        sizes = content.get("hidden_sizes")
        last = sizes[-1] if isinstance(sizes, list) and sizes else HIDDEN_SIZE
        if type(last) is not int or not 0 < last <= LARGEST:
            return content  # is refused by its own field
        start = content.get("start")
        frozen = isinstance(start, dict) and start.get("freeze")
        tie = content.get("embedding_size", last) == last and not frozen
        return {"embedding_size": last, "tie_weights": tie, **content}

    @pydantic.model_validator(mode="after")
    def _freeze_no_softmax(self) -> Self:
        if self.tie_weights and self.start.kind == "file" and self.start.freeze:
            raise ValueError("start.freeze would freeze the softmax too: tie_weights makes it one matrix")
        return self
