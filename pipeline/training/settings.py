"""The settings of training language models: what all models of a stage share, and what is each one's own."""

from typing import Annotated, Literal

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.run.section import Activation, Fraction, Section, Share, Unit


class Training(Section):
    """How long, on what batches, and on which targets."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    epochs: PositiveInt
    patience: PositiveInt  # epochs without a better validation perplexity before training stops
    batch_tokens: PositiveInt  # the most tokens in a batch of sentences, padding included
    end_fraction: Fraction  # the share of sequences whose END is a target


class Train(Training):
    """How every language model of Wikipedia is trained."""

    draw: Literal["sentences", "stream"]
    stream_rows: PositiveInt  # articles of a stream that are read side by side
    bptt: PositiveInt  # steps of a stream that gradients go back


class Dropout(Section):
    """The share of values dropped in training, by place; 0 drops none."""

    embedding: Share
    layers: Share  # between two layers
    output: Share
    weights: Share  # of the hidden-to-hidden matrices


class Constant(Section):
    """The learning rate as it is."""

    kind: Literal["constant"]


class Decay(Section):
    """The book's: multiplied by `rate` after each epoch."""

    kind: Literal["decay"]
    rate: Annotated[float, Field(gt=0, le=1)]


class Linear(Section):
    """Down in a line to the share `final`."""

    kind: Literal["linear"]
    final: Fraction


class Cosine(Section):
    """Up over `warmup_steps` steps, then down half a cosine to the share `final`."""

    kind: Literal["cosine"]
    warmup_steps: Annotated[int, Field(ge=0)]
    final: Fraction


class Plateau(Section):
    """Multiplied by `factor` after `patience` epochs without a better validation perplexity."""

    kind: Literal["plateau"]
    factor: Annotated[float, Field(gt=0, lt=1)]
    patience: PositiveInt


class Exact(Section):
    """The softmax over all words; `bfloat16` takes its products in that precision, where the hardware has it."""

    kind: Literal["exact"]
    bfloat16: bool


class Sampled(Section):
    """Each target beside so many other words, drawn by their frequency."""

    kind: Literal["sampled"]
    negatives: PositiveInt


class Adaptive(Section):
    """Frequent words by themselves, rarer ones in clusters: how many words stand before each cluster."""

    kind: Literal["adaptive"]
    cutoffs: Annotated[list[PositiveInt], Field(min_length=1)]

    @pydantic.field_validator("cutoffs")
    @classmethod
    def _ascend(cls, value: list[int]) -> list[int]:
        if value != sorted(set(value)):
            raise ValueError("must ascend")
        return value


class RecurrentModel(Section):
    """A language model: its unit, its sizes, what keeps it from overfitting, its optimizer."""

    unit: Unit
    activation: Activation  # of an Elman unit, or of the candidate of rated and GRU
    reset_after: bool  # of a GRU: the reset gate on the product (torch's) or inside it (the book's)
    peepholes: bool  # of an LSTM
    learn_initial_state: bool
    path: Literal["auto", "reference", "loop", "torch"]  # how it is computed
    embedding_size: PositiveInt
    hidden_sizes: Annotated[list[PositiveInt], Field(min_length=1)]
    tie_weights: bool  # one matrix for embedding and softmax
    loss: Annotated[Exact | Sampled | Adaptive, Field(discriminator="kind")]
    dropout: Dropout
    optimizer: Literal["adam", "sgd"]
    learning_rate: PositiveFloat
    schedule: Annotated[Constant | Decay | Linear | Cosine | Plateau, Field(discriminator="kind")]
    momentum: Annotated[float, Field(ge=0, lt=1)]  # of sgd; adam has its own
    weight_decay: Annotated[float, Field(ge=0)]
    gradient_clip: Annotated[float, Field(ge=0)]  # the largest norm of the gradient; 0 clips nothing

    @pydantic.model_validator(mode="after")
    def _tie_what_fits(self) -> "RecurrentModel":
        if self.tie_weights and self.loss.kind == "adaptive":
            raise ValueError(
                "tie_weights needs a loss that is exact or sampled: an adaptive one has no matrix to share"
            )
        if self.tie_weights and self.embedding_size != self.hidden_sizes[-1]:
            raise ValueError(
                f"tie_weights needs embedding_size ({self.embedding_size}) and the last of hidden_sizes "
                f"({self.hidden_sizes[-1]}) to be equal"
            )
        return self


class Pretrained(Section):
    """Word vectors to start from: a file in word2vec's format, and whether training leaves them as they are."""

    file: Annotated[str, Field(min_length=1)]
    freeze: bool


class LanguageModel(RecurrentModel):
    """A language model of Wikipedia, and the vectors that it may start from."""

    kind: Literal["recurrent"]
    pretrained: Pretrained | None

    @pydantic.model_validator(mode="after")
    def _freeze_no_softmax(self) -> "LanguageModel":
        if self.tie_weights and self.pretrained and self.pretrained.freeze:
            raise ValueError("pretrained.freeze would freeze the softmax too, since tie_weights makes it one matrix")
        return self
