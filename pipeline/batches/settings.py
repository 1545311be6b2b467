"""The section `train`, and what models read at a time: sections of an entry of `models`."""

from typing import Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import ByKind, Section, Seed, Share, have_every_seed


class Train(Section):
    """What all models share."""

    seed: Seed = Field(1, description="seed of initial weights, batch order and everything else that is random")
    seeds: PositiveInt = Field(
        1, description="number of seeds from `seed` on; each language model is trained once with each of them"
    )

    _have_every_seed = have_every_seed


class Sentences(Section):
    """Single sentences in random order."""

    kind: Literal["sentences"]
    tokens: PositiveInt = Field(
        1024, description="most tokens in a batch, padding included; a longer sentence is a batch of its own"
    )


class Stream(Section):
    """The training split as a stream of articles; the state is carried from batch to batch (truncated BPTT)."""

    kind: Literal["stream"]
    rows: PositiveInt = Field(16, description="number of places at which the stream is read in parallel")
    steps: PositiveInt = Field(35, description="number of steps through which gradients flow back")
    varying: bool = Field(False, description="let the number of steps vary from batch to batch (Merity et al. 2018)")


Batching = ByKind[Sentences | Stream]


class Text(Section):
    """The words of the training rows that are read."""

    unknown: Literal["drop", "keep"] = Field("drop", description="what happens to UNKNOWN")
    subsample: Share | None = Field(
        None,
        description="subsampling of words more frequent than this share (word2vec's `sample`); 0: none; by default of "
        "words that occur more than 1,000 times, or of a share between 0.00007 and 0.001",
    )


class Batches(Text):
    """The words of the training rows that are read, and how many at a time."""

    rows: PositiveInt = Field(64, description="number of rows of text read in parallel, by each process")
    steps: PositiveInt = Field(35, description="number of words of each row in a batch")
