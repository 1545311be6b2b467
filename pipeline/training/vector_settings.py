"""The settings of models in `models` that are trained for their word vectors alone: they have no perplexity."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.batches.settings import Batches, Text
from pipeline.run.section import BY_KIND, SHORT, Fraction, NotNegative, Section
from pipeline.training.settings import GRU, Unit


class Random(Section):
    """Vectors drawn at random."""

    kind: Literal["random"]


class Counted(Section):
    """The vectors of kind `svd`, which take seconds to find."""

    kind: Literal["svd"]
    window: PositiveInt = Field(5, description="words to each side")


class Embedding(Section):
    """A recurrent model that predicts each word from those before it and those after it."""

    kind: Literal["embedding"]
    unit: Unit = Field(GRU(kind="gru"), description="the recurrent unit")
    directions: Literal[1, 2] = Field(2, description="1: from the words before; 2: from those after, too")
    embedding_size: PositiveInt = Field(128, description="values of an input vector")
    hidden_size: PositiveInt = Field(64, description="of each direction; output vectors have as many as all together")
    start: Annotated[Random | Counted, BY_KIND, SHORT] = Field(
        Counted(kind="svd"), description="what the vectors are before training"
    )
    negatives: PositiveInt = Field(256, description="other words in the sampled softmax")
    learning_rate: PositiveFloat = Field(0.005, description="the size of a step at the start")
    final: Fraction = Field(0.05, description="share of the learning rate to which it falls, in a straight line")
    gradient_clip: NotNegative = Field(1.0, description="largest norm of the gradient; 0 clips nothing")
    epochs: PositiveInt = Field(10, description="passes over the training text")
    data: Batches = Field(Batches(), description="what is read")


class Word2vec(Section):
    """gensim's word2vec, on the same rows."""

    kind: Literal["word2vec"]
    algorithm: Literal["skipgram", "cbow"] = Field("skipgram", description="which of the two")
    embedding_size: PositiveInt = Field(128, description="values of a vector")
    window: PositiveInt = Field(5, description="words to each side, at most")
    negatives: PositiveInt = Field(5, description="other words for each word")
    learning_rate: PositiveFloat = Field(0.025, description="at the start")
    epochs: PositiveInt = Field(10, description="passes over the training text")
    data: Text = Field(Text(), description="what is read")


class Svd(Section):
    """Counting instead of predicting: positive pointwise mutual information, factored."""

    kind: Literal["svd"]
    embedding_size: PositiveInt = Field(128, description="values of a vector")
    window: PositiveInt = Field(5, description="words to each side")
    data: Text = Field(Text(), description="what is read")
