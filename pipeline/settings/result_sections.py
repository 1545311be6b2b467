"""The sections `baselines`, `mixtures`, `embeddings`, `analogies` and `report`."""

from typing import Annotated, Literal

import pydantic
from pydantic import Field, PositiveInt

from pipeline.run.section import NonEmpty, NotNegative, Section

# All that are trained, by name.
NGRAM_MODELS = ("unigram", "bigram_add_one", "bigram_kneser_ney", "trigram_kneser_ney", "fivegram_kneser_ney")


class Baselines(Section):
    """The Markov models that language models are compared with."""

    most_words: PositiveInt = Field(
        50_000_000,
        description="largest number of training words in which n-grams are counted; each takes some 80 bytes of memory",
    )


def _two_or_more(names: list[str]) -> list[str]:
    if len(set(names)) < max(2, len(names)):
        raise ValueError("must name two or more models, each once")
    return names


class Mixture(Section):
    """An interpolation: the mean of its models' probabilities, with the weights that fit the validation split best."""

    of: Annotated[list[str], pydantic.AfterValidator(_two_or_more)] | None = Field(
        None,
        description="names of language models in `models` and of n-gram models, such as `trigram_kneser_ney`; blank: "
        "all language models and the best n-gram model by validation perplexity",
    )


Vectors = Literal["input", "output", "both"]
Scale = Literal["raw", "unit", "centred"]
Form = Literal[Scale, "spelled"]  # a scale, or `spelled`: centred, then corrected by spelling


class Embeddings(Section):
    """The word vectors that are exported from each model."""

    vectors: Vectors = Field("output", description="the vectors of a word; `both`: its input and output vector, joined")
    scale: Form = Field(
        "spelled",
        description="`unit`: scaled to length 1; `centred`: at length 1, less the mean, at length 1 again; `spelled`: "
        "centred, and words that share parts are nearer",
    )


class Analogies(Section):
    """The analogy report of each model."""

    restrict: PositiveInt | None = Field(
        None, description="ask only about this many of the most frequent words; blank: about all"
    )
    sets: NonEmpty | None = Field(
        None,
        description="folder of further evaluation sets: relations of BATS in `bats/`, word pairs in `similarity/`, "
        "`.csv` files of categories; blank: only the sets that gensim ships",
    )


class Report(Section):
    """The page with the results."""

    projection: Literal["pca", "tsne"] = Field(
        "tsne", description="the method that projects word vectors to two dimensions for the map of words"
    )
    words: Annotated[int, Field(ge=10, le=10_000)] = Field(
        10_000,
        description="number of most frequent words whose vectors the page holds; 10,000 words of 128 values "
        "take 3.4 MB",
    )
    megabytes: NotNegative = Field(
        1.0, description="room for vectors on the page: those of the best model, and of others that fit, too"
    )
