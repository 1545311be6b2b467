"""The records of a trained model, in its folder."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from pipeline.records.figures import Number
from pipeline.records.record import Record
from pipeline.records.vectors import CodedMatrix

Chance = Annotated[tuple[str, float], Strict(False)]  # a word with its probability; JSON has lists for tuples
NETWORK_ROOM = 1_100_000  # characters of networks on the page


class ModelRecord(Record):
    """`model.json`: what decides a model's weights. `vocabulary` is the fingerprint of its words.

    `settings` are all of its entry in params.yaml. `dynamic_evaluation` is the learning rate that validation chose.
    """

    seed: int
    vocabulary_size: int
    vocabulary: str
    settings: dict[str, Any]
    dynamic_evaluation: float | None = None


class PackedAbout(Record):
    """`about.json` of a packed model: its text, its licence, the command, and bits per byte on the test split.

    Those are of the weights `before` and `after` they were rounded.
    """

    source: str
    licence: str
    command: str
    before: float | None = None
    after: float | None = None


class Sentences(Record):
    """`sentences.json`: what a language model writes with a seed."""

    seed: int
    sentences: list[str]


class Expected(Record):
    """What a model expects in a sentence: the surprisal of each word in bits, and the likeliest ids in its place."""

    bits: list[float]
    guesses: list[list[int]] = Field([])


class NextWords(Record):
    """The likeliest next words, the likeliest first, and the probabilities of UNKNOWN and of the sentence's end.

    In a script without blanks the words are `pieces` of words.
    """

    words: list[Chance]
    unknown: float
    end: float
    pieces: bool = False


class Guesses(Record):
    """`guesses.json`: what a language model expected in the page's sentence after each epoch of its training.

    `next` is what it expects after each of the page's beginnings. An n-gram model has one epoch, without guesses.
    """

    versions = (2,)

    epochs: list[Expected]
    next: list[NextWords]


class Curves(Record):
    """`curves.json`: the figures of a training by name, with a value for each epoch."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, list[Number]] = Field(init=False)

    @model_validator(mode="after")
    def of_the_same_epochs(self) -> Self:
        """Refuse lists of several lengths."""
        if len({len(values) for _, values in self}) > 1:
            raise PydanticCustomError("lengths", "must have as many values in each list")
        return self


class PerplexityCurves(Curves):
    """Those of a language model."""

    train_perplexity: list[float]
    valid_perplexity: list[float]


class AnalogyCurves(Curves):
    """Those of word vectors: the words read so far, and the share of Google's analogies that is right by cosine."""

    words_read: list[float]
    cosine_total: list[float]


class RecordedLayer(Record):
    """A recurrent layer: its size, its weights, and the step of its unit as `models.recurrent.recorded` has it."""

    size: int
    operations: list[list[str | Number]]
    state: list[int]
    weights: dict[str, CodedMatrix]


class RecordedNetwork(Record):
    """`network.json`: a language model as the page's script computes it; `before` is the id that precedes a sentence.

    `output` is None where it is the embedding.
    """

    before: int
    embedding: CodedMatrix
    output: CodedMatrix | None
    bias: CodedMatrix
    layers: list[RecordedLayer]

    @property
    def characters(self) -> int:
        """How much room it takes on the page."""
        return len(self.model_dump_json())
