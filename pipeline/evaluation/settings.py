"""The sections `embeddings` and `analogies`."""

from pydantic import Field, PositiveInt

from pipeline.run.section import Section, Text
from pipeline.vectors.scaling import Form, Vectors


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
    sets: Text | None = Field(
        None,
        description="folder of further evaluation sets: relations of BATS in `bats/`, word pairs in `similarity/`, "
        "`.csv` files of categories; blank: only the sets that gensim ships",
    )
