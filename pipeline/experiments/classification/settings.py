"""Settings of the classification of lines by poet."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Section, Share, Unit


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
