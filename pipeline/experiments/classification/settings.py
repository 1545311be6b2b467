"""The section `poetry_classification`."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Ascending, NotNegative, Section, Share, Sizes, UnitName


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
