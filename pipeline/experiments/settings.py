"""The sections of the smaller experiments."""

from typing import Annotated

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Activation, Name, Section, Share, Unit
from pipeline.text.settings import HeldOut
from pipeline.training.settings import RecurrentModel, Training

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


class Ebook(Section):
    """A book of Project Gutenberg by its number, and its checksum, or none while no one has it at hand."""

    ebook: PositiveInt
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None


class Gutenberg(Section):
    """Where the books are, and which are whose."""

    mirror: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    poets: Annotated[dict[Name, Annotated[list[Ebook], Field(min_length=1)]], Field(min_length=1)]


class Poems(Section):
    """Whose verse: `sample`, `gutenberg`, or a folder of NAME.txt files."""

    source: Annotated[str, Field(min_length=1)]
    gutenberg: Gutenberg


Temperature = Annotated[float, Field(ge=0.01, le=100)]


class Sampling(Section):
    """How words are drawn from what a model predicts: see `models.sample.Sampling`."""

    temperature: Temperature
    top_k: Annotated[int, Field(ge=0)]  # 0: all words
    top_p: Annotated[float, Field(ge=0.001, le=1)]  # 1: all words


class PoetryGeneration(Training, HeldOut):
    """The language models of each poet, how they are trained and what they write."""

    least_count: PositiveInt  # of a word in the training lines; rarer ones are UNKNOWN
    models: Annotated[dict[Name, RecurrentModel], Field(min_length=1)]
    sampling: Sampling
    stanzas: PositiveInt  # of each poet on the page
    novelty_lines: PositiveInt  # that are written to measure how much of them is copied
    temperatures: Annotated[list[Temperature], Field(min_length=1)]  # at which that is measured

    @property
    def writer(self) -> str:
        """The model that writes: the first."""
        return next(iter(self.models))


class ClassifierDropout(Section):
    """The share dropped in training, by place; 0 drops none."""

    tokens: Share  # of the tags, which become unknown ones
    embedding: Share
    output: Share  # of what the last step gives


class Recurrent(Section):
    """The networks that tell poets apart: what they are made of and how they are trained."""

    unit: Unit
    networks: PositiveInt  # of different seeds, whose probabilities are averaged
    embedding_size: PositiveInt
    hidden_sizes: Annotated[list[PositiveInt], Field(min_length=1)]
    dropout: ClassifierDropout
    epochs: PositiveInt
    batch_lines: PositiveInt
    learning_rate: PositiveFloat
    decay: Annotated[float, Field(gt=0, le=1)]  # of the learning rate, after each epoch
    weight_decay: Annotated[float, Field(ge=0)]


class PoetryClassification(Section):
    """The folds that classifiers are tested on, and the classifiers."""

    seed: Annotated[int, Field(ge=0, lt=2**31)]
    folds: Annotated[int, Field(ge=2)]
    repeats: PositiveInt  # of the cross-validation, the folds drawn anew
    longest_ngram: PositiveInt  # of logistic regression and naive Bayes
    hidden_states: PositiveInt  # of each poet's hidden Markov model
    book_lines: PositiveInt  # the book's validation set
    book_draws: PositiveInt
    recurrent: Recurrent
