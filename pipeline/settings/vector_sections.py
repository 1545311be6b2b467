"""Entries of `models` that are trained for their word vectors alone: they have no perplexity."""

from typing import Annotated, Literal, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import ByKind, Fraction, NotNegative, Section, Share
from pipeline.settings.model_sections import Batches, Counted, Elman, Random, TrainingText, Unit


class EmbeddingEntry(Section):
    """A recurrent model that predicts each word from the words before and after it."""

    kind: Literal["embedding"]
    unit: Unit = Field(Elman(kind="elman"), description="the recurrent unit")
    directions: Annotated[int, Field(ge=1, le=2)] = Field(
        2, description="1: predict from the words before; 2: also from the words after"
    )
    embedding_size: Annotated[int, Field(ge=2)] = Field(
        128,
        description="length of input and output vectors; the recurrent units have as many hidden values (with two "
        "directions and an odd length one fewer), but at most 128 if there is a window",
    )
    window: Annotated[int, Field(ge=0)] = Field(
        10, description="number of words on each side whose vectors also predict a word directly; 0: none"
    )
    dropout: Share = Field(
        0.0,
        description="share of the values of input vectors that training drops, anew for each word read; rounded to a "
        "multiple of 1/256",
    )
    start: ByKind[Random | Counted] = Field(Counted(kind="svd"), description="the vectors before training")
    negatives: PositiveInt = Field(256, description="number of sampled words in the sampled softmax")
    learning_rate: PositiveFloat = Field(0.005, description="the learning rate at the start")
    final: Fraction = Field(0.05, description="share of the learning rate at the end; it decreases linearly")
    gradient_clip: NotNegative = Field(1.0, description="largest norm of the gradient; 0: no clipping")
    epochs: PositiveInt = Field(10, description="passes over the training text")
    data: Batches = Field(Batches(), description="the text that is read")


class Gensim(Section):
    """A model of gensim that predicts words from the words around them."""

    kind: Literal["word2vec", "fasttext"]
    algorithm: Literal["skipgram", "cbow"] = Field("skipgram", description="word2vec's algorithm")
    embedding_size: PositiveInt = Field(128, description="length of a vector")
    window: PositiveInt = Field(5, description="largest number of context words on each side")
    negatives: PositiveInt = Field(5, description="number of sampled words for each word")
    learning_rate: PositiveFloat = Field(0.025, description="the learning rate at the start")
    epochs: PositiveInt = Field(10, description="passes over the training text")
    data: TrainingText = Field(TrainingText(), description="the text that is read")


class Word2vecEntry(Gensim):
    """Word2vec, by gensim, on the same training rows."""

    kind: Literal["word2vec"]


class FastTextEntry(Gensim):
    """FastText, by gensim, on the same training rows: a word's input vector is the mean of its own and its parts'."""

    kind: Literal["fasttext"]
    shortest: PositiveInt = Field(3, description="fewest characters of a part of a word")
    longest: PositiveInt = Field(6, description="most characters of a part of a word")
    buckets: PositiveInt = Field(200_000, description="number of vectors that the parts of all words share, by a hash")

    @pydantic.model_validator(mode="after")
    def _order_lengths(self) -> Self:
        if self.shortest > self.longest:
            raise ValueError(f"shortest is {self.shortest} and longest {self.longest}: no word would have parts")
        return self


class SvdEntry(Section):
    """Word vectors from counts: a truncated SVD of positive pointwise mutual information."""

    kind: Literal["svd"]
    embedding_size: PositiveInt = Field(128, description="length of a vector")
    window: PositiveInt = Field(5, description="number of context words on each side")
    data: TrainingText = Field(TrainingText(), description="the text that is read")
