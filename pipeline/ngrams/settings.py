"""The section `baselines`."""

from pydantic import Field, PositiveInt

from pipeline.run.section import Section

# All that are trained, by name.
NGRAM_MODELS = ("unigram", "bigram_add_one", "bigram_kneser_ney", "trigram_kneser_ney", "fivegram_kneser_ney")


class Baselines(Section):
    """The Markov models that language models are compared with."""

    most_words: PositiveInt = Field(
        50_000_000,
        description="largest number of training words in which n-grams are counted; each takes some 80 bytes of memory",
    )
