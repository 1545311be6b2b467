"""The section `poetry_classification`."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import NotNegative, Section, Share, Sizes, UnitName


class ClassifierDropout(Section):
    """The share dropped in training, by place; 0 drops none."""

    tokens: Share = Field(0.1, description="of the tags, which become unknown ones")
    embedding: Share = Field(0.2, description="of embedded tags")
    output: Share = Field(0.3, description="of the last step's hidden values")


class Recurrent(Section):
    """The recurrent classifier: networks that differ by their seed alone."""

    unit: UnitName = Field("gru", description="the recurrent unit; the book's is elman")
    networks: PositiveInt = Field(5, description="of different seeds, whose probabilities are averaged")
    embedding_size: PositiveInt = Field(16, description="values of a tag's vector")
    hidden_sizes: Sizes = Field([32], description="one number a layer")
    dropout: ClassifierDropout = Field(ClassifierDropout(), description="shares dropped in training")
    epochs: PositiveInt = Field(20, description="passes over the lines")
    batch_lines: PositiveInt = Field(64, description="lines in a batch")
    learning_rate: PositiveFloat = Field(0.01, description="the size of a step")
    decay: Annotated[float, Field(gt=0, le=1)] = Field(
        0.95, description="the book's: the learning rate is multiplied by it after each epoch"
    )
    weight_decay: NotNegative = Field(0.1, description="what pulls weights towards zero")


class PoetryClassification(Section):
    """Classifying lines by poet, from their part-of-speech tags."""

    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(1, description="of folds and networks")
    folds: Annotated[int, Field(ge=2)] = Field(5, description="of the cross-validation; no poem is in two of them")
    repeats: PositiveInt = Field(2, description="times that folds are drawn; 10 on much verse for steadier figures")
    longest_ngram: PositiveInt = Field(3, description="tags in an n-gram of logistic regression and naive Bayes")
    hidden_states: PositiveInt = Field(4, description="of each poet's hidden Markov model")
    book_lines: PositiveInt = Field(10, description="lines in the book's validation set")
    book_draws: PositiveInt = Field(10_000, description="times that such a set is drawn, to see its spread")
    recurrent: Recurrent = Field(Recurrent(), description="the recurrent classifier")
