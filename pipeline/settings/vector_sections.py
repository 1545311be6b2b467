"""Entries of `models` that are trained for their word vectors alone: they have no perplexity."""

from typing import Annotated, Literal, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import ByKind, Section, Share
from pipeline.settings.model_sections import AnyUnit, Counted, Random, unit_section

Subsample = Annotated[
    Share | None,
    Field(
        description="subsampling of words more frequent than this share (word2vec's `sample`); 0: none; by default of "
        "words that occur more than 1,000 times, or of a share between 0.00007 and 0.001"
    ),
]


class Without(Section):
    """No recurrent units: a window model."""

    kind: Literal["none"]


class EmbeddingEntry(Section):
    """A model that predicts each word from the words before and after it."""

    kind: Literal["embedding"]
    recurrent: ByKind[AnyUnit | Without] = Field(
        unit_section("elman"), description="the recurrent unit; none: only the window predicts"
    )
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
    learning_rate: PositiveFloat = Field(
        0.005, description="the learning rate at the start; it falls linearly to a twentieth"
    )
    epochs: PositiveInt = Field(10, description="passes over the training text")
    subsample: Subsample = None
    rows: PositiveInt = Field(64, description="number of rows of text read in parallel, 35 words at a time")

    @pydantic.model_validator(mode="after")
    def _predict_from_something(self) -> Self:
        if self.recurrent.kind == "none" and not self.window:
            raise ValueError("recurrent is none and window is 0, so nothing predicts a word; set a window or a unit")
        return self


class Gensim(Section):
    """A model of gensim that predicts words from the words around them."""

    kind: Literal["word2vec", "fasttext"]
    algorithm: Literal["skipgram", "cbow"] = Field("skipgram", description="word2vec's algorithm")
    embedding_size: PositiveInt = Field(128, description="length of a vector")
    window: PositiveInt = Field(5, description="largest number of context words on each side")
    learning_rate: PositiveFloat = Field(0.025, description="the learning rate at the start")
    epochs: PositiveInt = Field(10, description="passes over the training text")
    subsample: Subsample = None


class Word2vecEntry(Gensim):
    """Word2vec, by gensim, on the same training rows."""

    kind: Literal["word2vec"]


class FastTextEntry(Gensim):
    """FastText, by gensim, on the same training rows: a word's input vector is the mean of its own and its parts'."""

    kind: Literal["fasttext"]


class SvdEntry(Section):
    """Word vectors from counts: a truncated SVD of positive pointwise mutual information."""

    kind: Literal["svd"]
    embedding_size: PositiveInt = Field(128, description="length of a vector")
    window: PositiveInt = Field(5, description="number of context words on each side")
    subsample: Subsample = None
