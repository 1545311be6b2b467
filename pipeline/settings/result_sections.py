"""The sections `baselines`, `mixtures`, `embeddings`, `analogies` and `grammar`."""

from typing import Annotated, Literal

import pydantic
from pydantic import Field, PositiveInt

from pipeline.run.section import NonEmpty, Section

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
VectorScale = Literal["raw", "centred"]


class Embeddings(Section):
    """The word vectors that are exported from each model."""

    vectors: Vectors = Field("output", description="the vectors of a word; `both`: its input and output vector, joined")
    scale: VectorScale = Field(
        "centred",
        description="`raw`: as trained; `centred`: scaled to length 1, less the mean of all words, at length 1 again",
    )


QUESTIONS, OWN_PAIRS = "questions", "pairs"  # folders of the project that may have no sets


class Analogies(Section):
    """The analogy report of each model."""

    sets: NonEmpty = Field(
        QUESTIONS,
        description="folder of further evaluation sets: relations of BATS in `bats/`, rated word pairs in "
        f"`similarity/`; an edited set reruns the stage; `{QUESTIONS}` may have none",
    )


class Grammar(Section):
    """The sets of minimal pairs on which language models are judged."""

    sets: NonEmpty = Field(
        OWN_PAIRS,
        description="folder whose files and folders are sets of minimal pairs, or of suites of SyntaxGym; an edited "
        "set reruns the stage; without a set it does nothing",
    )
