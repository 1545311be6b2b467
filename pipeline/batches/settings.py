"""The section `train`, and what models read at a time: sections of an entry of `models`."""

from typing import Literal

from pydantic import Field, PositiveInt

from pipeline.run.section import Section, Seed, Share


class Train(Section):
    """What all models share."""

    seed: Seed = Field(1, description="of the weights, of the order of batches, and of all else drawn at random")


class Sentences(Section):
    """Single sentences, drawn at random."""

    kind: Literal["sentences"]
    tokens: PositiveInt = Field(1024, description="most tokens in a batch, padding included; a longer row is a batch")


class Stream(Section):
    """Articles from start to end; the state is carried from batch to batch (truncated BPTT)."""

    kind: Literal["stream"]
    rows: PositiveInt = Field(32, description="articles read side by side")
    steps: PositiveInt = Field(35, description="steps that gradients go back")


class Text(Section):
    """The words of the training rows that are read."""

    unknown: Literal["drop", "keep"] = Field("drop", description="UNKNOWN")
    subsample: Share = Field(0.0001, description="thin more frequent words (word2vec's `sample`); 0 thins nothing")


class Batches(Text):
    """The words of the training rows that are read, and how many at a time."""

    subsample: Share = Field(0.00003, description="thin more frequent words (word2vec's `sample`); 0 thins nothing")
    rows: PositiveInt = Field(64, description="rows of text side by side")
    steps: PositiveInt = Field(35, description="words of each row at a time")
