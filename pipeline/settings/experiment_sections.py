"""The sections `parity`, `poems`, `poetry_generation` and `poetry_classification`."""

from typing import Annotated, Literal, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import (
    Ascending,
    Fraction,
    Matching,
    Name,
    NonEmpty,
    NotNegative,
    Proper,
    Section,
    Seed,
    Share,
    Sizes,
    Url,
    ascending,
    have_every_seed,
)
from pipeline.settings.model_sections import (
    Activation,
    Averaged,
    Batching,
    Constant,
    Dropout,
    Elman,
    NoAverage,
    RecurrentModel,
    Schedule,
    Sentences,
    UnitName,
)
from pipeline.settings.text_sections import HeldOut

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


Sha256 = Annotated[str, Matching(r"^[0-9a-f]{64}$", "64 hexadecimal digits")]


class Ebook(Section):
    """A book of Project Gutenberg."""

    ebook: PositiveInt = Field(description="the book's number")
    sha256: Sha256 | None = Field(
        None, description="checksum of the book's text; blank: any text is accepted and its checksum is printed"
    )


Books = Annotated[list[Ebook], Field(min_length=1)]
POETS = {
    "robert_frost": [Ebook(ebook=3021), Ebook(ebook=3026), Ebook(ebook=29345)],
    "edgar_allan_poe": [Ebook(ebook=10031)],
}


class Gutenberg(Section):
    """The books that are downloaded from Project Gutenberg."""

    mirror: Url = Field("https://www.gutenberg.org", description="the server")
    poets: Annotated[dict[Name, Books], Field(min_length=1)] = Field(
        POETS,
        description="the books of each poet; default: Frost's A Boy's Will, North of Boston and Mountain Interval, and "
        "Poe's Complete Poetical Works",
    )


class Poems(Section):
    """The verse that is read."""

    source: NonEmpty = Field(
        "sample",
        description="`sample` (written for this project), `gutenberg` (downloads books), or a folder of NAME.txt files",
    )
    gutenberg: Gutenberg = Field(Gutenberg(), description="for `gutenberg`: the server and the books")


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


class ClassifierDropout(Section):
    """The share dropped in training, by place; 0 drops nothing."""

    tokens: Share = Field(0.1, description="share of tags that are replaced by UNKNOWN")
    embedding: Share = Field(0.2, description="share of embedded tags' values")
    output: Share = Field(0.3, description="share of the last layer's hidden values")


class Recurrent(Section):
    """The recurrent classifier: language models of tags that differ only in their seed."""

    unit: UnitName = Field("gru", description="the recurrent unit; the book uses elman")
    networks: PositiveInt = Field(2, description="number of networks, whose log-probabilities are averaged")
    embedding_size: PositiveInt = Field(16, description="length of a tag's vector")
    hidden_sizes: Sizes = Field([64], description="hidden size of each layer")
    dropout: ClassifierDropout = Field(ClassifierDropout(), description="shares dropped in training")
    epochs: Ascending = Field([5, 10, 15], description="numbers of passes over the lines")
    batch_lines: PositiveInt = Field(64, description="number of lines in a batch")
    learning_rate: PositiveFloat = Field(0.02, description="the learning rate")
    decay: Annotated[float, Field(gt=0, le=1)] = Field(
        0.95, description="factor by which the learning rate is multiplied after each epoch (as in the book)"
    )
    weight_decay: NotNegative = Field(0.1, description="weight decay, which pulls weights towards zero")


class PoetryClassification(Section):
    """Classifying lines by poet, from their part-of-speech tags.

    Where a setting is a list, the inner folds of a nested cross-validation choose from it.
    """

    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(1, description="seed of folds and networks")
    folds: Annotated[int, Field(ge=3)] = Field(
        5,
        description="number of cross-validation folds; a poem is in one fold only; the inner folds are the other ones",
    )
    repeats: PositiveInt = Field(
        2, description="number of times that folds of whole poems are drawn; 10 gives steadier figures on much verse"
    )
    longest_ngram: Ascending = Field([2, 3, 4], description="longest n-grams for logistic regression and naive Bayes")
    inverse_penalty: Annotated[list[PositiveFloat], Field(min_length=1)] = Field(
        [0.1, 1.0, 10.0],
        description="values of C of the logistic regression; a large one penalizes weights less",
    )
    hidden_states: Ascending = Field(
        [2, 4, 8, 16, 32], description="numbers of hidden states of each poet's hidden Markov model"
    )
    book_lines: PositiveInt = Field(10, description="number of lines in the book's validation set")
    recurrent: Recurrent = Field(Recurrent(), description="the recurrent classifier")
