"""Entries of `language_models` that are trained for their word vectors alone: they have no perplexity."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Activation, Fraction, Section, Unit


class Text(Section):
    """Which words of the training rows are read."""

    unknown: Literal["drop", "keep"]
    subsample: Annotated[float, Field(ge=0, lt=1)]  # words more frequent are thinned (word2vec's `sample`); 0: none


class Batches(Text):
    """Which words are read, and how: `rows` of text side by side, so many `steps` at a time."""

    rows: PositiveInt
    steps: PositiveInt


class Random(Section):
    """Vectors drawn at random."""

    kind: Literal["random"]


class Counted(Section):
    """The vectors that an entry of kind `svd` with this window would have, which take seconds to find."""

    kind: Literal["svd"]
    window: PositiveInt


class Embedding(Section):
    """A recurrent model that predicts each word from those before it and, with two directions, those behind."""

    kind: Literal["embedding"]
    unit: Unit
    activation: Activation  # of an Elman unit, or of the candidate of rated and GRU
    reset_after: bool  # of a GRU
    peepholes: bool  # of an LSTM
    directions: Literal[1, 2]
    embedding_size: PositiveInt  # of the input vectors
    hidden_size: PositiveInt  # of each direction; output vectors are as long as all directions together
    start: Annotated[Random | Counted, Field(discriminator="kind")]  # what vectors are before training
    negatives: PositiveInt
    learning_rate: PositiveFloat
    final: Fraction  # the share of the learning rate that it falls to, in a straight line
    gradient_clip: Annotated[float, Field(ge=0)]
    epochs: PositiveInt
    data: Batches


class Word2vec(Section):
    """gensim's word2vec on the same rows."""

    kind: Literal["word2vec"]
    algorithm: Literal["skipgram", "cbow"]
    embedding_size: PositiveInt
    window: PositiveInt
    negatives: PositiveInt
    learning_rate: PositiveFloat
    epochs: PositiveInt
    data: Text


class Svd(Section):
    """The positive pointwise mutual information of the words in a window, factored by singular values."""

    kind: Literal["svd"]
    embedding_size: PositiveInt
    window: PositiveInt
    data: Text
