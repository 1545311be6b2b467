"""The section `train`, and the settings of language models in `models`."""

from typing import Annotated, Literal, Self

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from pipeline.batches.settings import Sentences, Stream
from pipeline.run.section import (
    BY_KIND,
    SHORT,
    Activation,
    Ascending,
    Fraction,
    NotNegative,
    Proper,
    Section,
    Share,
    Sizes,
    Text,
)


class Elman(Section):
    """The simple recurrent unit."""

    kind: Literal["elman"]
    activation: Activation = Field("tanh", description="of the hidden values")


class Rated(Section):
    """The book's rated unit: an update gate alone."""

    kind: Literal["rated"]
    activation: Activation = Field("tanh", description="of the candidate")


class GRU(Section):
    """The gated recurrent unit."""

    kind: Literal["gru"]
    activation: Activation = Field("tanh", description="of the candidate")
    reset_after: bool = Field(
        True, description="true: the reset gate acts on the product (torch); false: inside it (the book)"
    )


class LSTM(Section):
    """Long short-term memory."""

    kind: Literal["lstm"]
    peepholes: bool = Field(False, description="let the gates see the cell (the book's)")


Unit = Annotated[Elman | Rated | GRU | LSTM, BY_KIND, SHORT]


class Dropout(Section):
    """The share of values dropped in training, by place; 0 drops none."""

    embedding: Share = Field(0.0, description="of embedded words")
    layers: Share = Field(0.0, description="between two layers")
    output: Share = Field(0.0, description="of the last layer's hidden values")
    weights: Share = Field(0.0, description="of the hidden-to-hidden matrices (DropConnect)")


class Constant(Section):
    """The learning rate stays."""

    kind: Literal["constant"]


class Decay(Section):
    """The book's: multiplied after each epoch."""

    kind: Literal["decay"]
    rate: Annotated[float, Field(gt=0, le=1)] = Field(0.99, description="what it is multiplied by")


class Linear(Section):
    """Down in a straight line."""

    kind: Literal["linear"]
    final: Fraction = Field(0.05, description="share of the learning rate at the end")


class Cosine(Section):
    """Up over some steps, then down half a cosine."""

    kind: Literal["cosine"]
    warmup_steps: Annotated[int, Field(ge=0)] = Field(200, description="steps over which it rises")
    final: Fraction = Field(0.05, description="share of the learning rate at the end")


class Plateau(Section):
    """Multiplied whenever validation perplexity no longer falls."""

    kind: Literal["plateau"]
    factor: Proper = Field(0.5, description="what it is multiplied by")
    patience: PositiveInt = Field(1, description="epochs without a better validation perplexity; below the model's own")


class Exact(Section):
    """The softmax over all words."""

    kind: Literal["exact"]
    bfloat16: bool = Field(False, description="take its products in that precision, where the hardware has it")


class Sampled(Section):
    """A softmax over each target and some other words, drawn by their frequency."""

    kind: Literal["sampled"]
    negatives: PositiveInt = Field(1024, description="other words, the same for a whole batch")


class Adaptive(Section):
    """Frequent words by themselves, rarer ones in clusters."""

    kind: Literal["adaptive"]
    cutoffs: Ascending = Field([2000], description="how many words stand before each cluster")


class Adam(Section):
    """AdamW."""

    kind: Literal["adam"]


class Sgd(Section):
    """Stochastic gradient descent."""

    kind: Literal["sgd"]
    momentum: Share = Field(0.9, description="share of the last step that is added")


class RecurrentModel(Section):
    """A language model: its unit, its sizes, its regularisation, and how it is trained."""

    unit: Unit = Field(GRU(kind="gru"), description="the recurrent unit")
    embedding_size: PositiveInt = Field(100, description="values of a word's input vector")
    hidden_sizes: Sizes = Field([128], description="one number a layer")
    learn_initial_state: bool = Field(False, description="learn the state before a sequence; else it is zero")
    tie_weights: bool = Field(False, description="one matrix for embedding and softmax")
    loss: Annotated[Exact | Sampled | Adaptive, BY_KIND, SHORT] = Field(
        Exact(kind="exact"), description="the softmax that training lowers the cross-entropy of"
    )
    dropout: Dropout = Field(Dropout(), description="shares dropped in training")
    optimizer: Annotated[Adam | Sgd, BY_KIND, SHORT] = Field(Adam(kind="adam"), description="what takes the steps")
    learning_rate: PositiveFloat = Field(0.003, description="the size of a step")
    schedule: Annotated[Constant | Decay | Linear | Cosine | Plateau, BY_KIND, SHORT] = Field(
        Constant(kind="constant"), description="how the learning rate changes"
    )
    weight_decay: NotNegative = Field(0.0, description="what pulls weights towards zero")
    gradient_clip: NotNegative = Field(1.0, description="largest norm of the gradient; 0 clips nothing")
    batches: Annotated[Sentences | Stream, BY_KIND, SHORT] = Field(
        Sentences(kind="sentences"), description="what a training batch is made of"
    )
    epochs: PositiveInt = Field(6, description="most passes over the training text")
    patience: PositiveInt = Field(
        1, description="epochs without a better validation perplexity before training stops early"
    )

    @pydantic.model_validator(mode="after")
    def _tie_what_fits(self) -> Self:
        if self.tie_weights and self.loss.kind == "adaptive":
            raise ValueError("tie_weights needs an exact or sampled loss: an adaptive one has no matrix to share")
        if self.tie_weights and self.embedding_size != self.hidden_sizes[-1]:
            raise ValueError(
                f"tie_weights needs embedding_size ({self.embedding_size}) and the last of hidden_sizes "
                f"({self.hidden_sizes[-1]}) to be equal"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _let_a_plateau_act(self) -> Self:
        if self.schedule.kind == "plateau" and self.schedule.patience >= self.patience:
            raise ValueError(
                f"schedule.patience ({self.schedule.patience}) must be below patience ({self.patience}), "
                "or training stops first"
            )
        return self


class Pretrained(Section):
    """Word vectors to start from."""

    file: Text = Field(description="a file in word2vec's format; its vectors are embedding_size long")
    freeze: bool = Field(False, description="leave them as they are")


class LanguageModel(RecurrentModel):
    """A language model, trained for its perplexity."""

    kind: Literal["language_model"] = "language_model"
    pretrained: Pretrained | None = Field(None, description="word vectors to start from")

    @pydantic.model_validator(mode="after")
    def _freeze_no_softmax(self) -> Self:
        if self.tie_weights and self.pretrained and self.pretrained.freeze:
            raise ValueError("pretrained.freeze would freeze the softmax too: tie_weights makes it one matrix")
        return self
