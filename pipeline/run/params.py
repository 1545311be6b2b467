"""The typed sections of params.yaml, read once and checked whole before a stage touches any data.

Every key is required and has no default here, so that params.yaml shows every setting of a run.
"""

import datetime
import difflib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.run.console import UserError

Fraction = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
# Names become file names and DVC stage names.
ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class Section(pydantic.BaseModel):
    """A section of params.yaml: immutable, no unknown keys, no silent conversions."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Wiki(Section):
    """Which dump: `sample`, `dumps` as the other keys say, or the path or glob of dump files."""

    source: Annotated[str, Field(min_length=1)]
    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    date: str
    files: PositiveInt | None
    mirror: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    layout: Literal["content", "legacy"]

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _want_quotes(cls, value: Any) -> Any:
        # YAML reads it as a date, which DVC refuses with no word on what to do, or as a number.
        if isinstance(value, (datetime.date, int)):
            raise ValueError(f'put it in quotes: "{value}"')
        return value


class Extract(Section):
    """Markup to prose: whether list items are prose, and which pages are too short or take too long."""

    lists: bool
    min_characters: PositiveInt
    page_seconds: PositiveFloat


class Tokens(Section):
    """Prose to sequences: what a sequence is, and the fewest words that make one."""

    unit: Literal["sentence", "paragraph"]
    min_words: PositiveInt


class Vocabulary(Section):
    """The book's n_vocab: START, END and the most frequent words. UNKNOWN comes on top."""

    size: Annotated[int, Field(ge=3, lt=2**32 - 1)]


class Index(Section):
    """The shares of the articles that are held out for validation and for testing."""

    valid_fraction: Annotated[float, Field(gt=0, lt=1)]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]

    @pydantic.model_validator(mode="after")
    def _leave_some_to_train_on(self) -> "Index":
        if self.valid_fraction + self.test_fraction >= 1:
            raise ValueError("valid_fraction + test_fraction must stay below 1")
        return self


class Baselines(Section):
    """In how many words of training text n-grams are counted: more of them cost memory."""

    most_words: PositiveInt


class Train(Section):
    """How every language model is trained."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    epochs: PositiveInt
    patience: PositiveInt  # epochs without a better validation perplexity before training stops
    draw: Literal["sentences", "stream"]
    batch_tokens: PositiveInt  # the most tokens in a batch of sentences, padding included
    stream_rows: PositiveInt  # articles of a stream that are read side by side
    bptt: PositiveInt  # steps of a stream that gradients go back
    end_fraction: Fraction  # the share of sequences whose END is a target


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


class LanguageModel(Section):
    """One language model: its unit, its sizes, what keeps it from overfitting, its optimizer."""

    unit: Literal["elman", "rated", "gru", "lstm"]
    activation: Literal["tanh", "relu", "sigmoid"]  # of an Elman unit, or of the candidate of rated and GRU
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
    schedule: Annotated[Constant | Decay | Cosine | Plateau, Field(discriminator="kind")]
    momentum: Annotated[float, Field(ge=0, lt=1)]  # of sgd; adam has its own
    weight_decay: Annotated[float, Field(ge=0)]
    gradient_clip: Annotated[float, Field(ge=0)]  # the largest norm of the gradient; 0 clips nothing

    @pydantic.model_validator(mode="after")
    def _tie_what_fits(self) -> "LanguageModel":
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


class Embeddings(Section):
    """Whether the exported vectors are scaled to unit length."""

    unit_length: bool


class Analogies(Section):
    """How many frequent words, and how many neighbours of each, the analogy report lists."""

    frequent_words: PositiveInt
    neighbours: PositiveInt


class Report(Section):
    """The picture of the embeddings: how two dimensions are found, and for how many words."""

    projection: Literal["pca", "tsne"]
    words: Annotated[int, Field(ge=10, le=5000)]


class Runtime(Section):
    """Where it runs and with how many processes. No stage of dvc.yaml lists it, so editing it reruns nothing."""

    workers: Annotated[int, Field(ge=0)]
    scheduler: Annotated[str, Field(pattern=r"^(local|tcp://.+:\d+)$")]
    accelerator: Literal["auto", "cpu", "gpu"]
    devices: Annotated[int, Field(ge=0)]  # on each node
    nodes: PositiveInt
    strategy: Literal["auto", "ddp"]
    loader_workers: Annotated[int, Field(ge=0)]
    connections: Annotated[int, Field(ge=1, le=3)]  # Wikimedia's servers allow an address three
    contact: Annotated[str, Field(pattern=r"^[!-~]+$")] | None  # an e-mail or web address, for those servers
    checkpoint_seconds: Annotated[float, Field(ge=0)]  # between the checkpoints that a killed training goes on from


class Params(Section):
    """All of params.yaml."""

    wiki: Wiki
    extract: Extract
    tokens: Tokens
    vocabulary: Vocabulary
    index: Index
    baselines: Baselines
    train: Train
    language_models: Annotated[dict[ModelName, LanguageModel], Field(min_length=1)]
    embeddings: Embeddings
    analogies: Analogies
    report: Report
    runtime: Runtime

    @pydantic.model_validator(mode="after")
    def _let_a_plateau_act(self) -> "Params":
        for name, model in self.language_models.items():
            if model.schedule.kind == "plateau" and model.schedule.patience >= self.train.patience:
                raise ValueError(
                    f"language_models.{name}.schedule.patience ({model.schedule.patience}) must be below "
                    f"train.patience ({self.train.patience}), or training stops first"
                )
        return self

    def language_model(self, name: str) -> LanguageModel:
        """The section of the language model `name`; raises `UserError` where there is none."""
        if name not in self.language_models:
            raise UserError(f"params.yaml: language_models has no {name!r}; it has {', '.join(self.language_models)}")
        return self.language_models[name]


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check params.yaml; raises `UserError` naming the key, its value and what is allowed."""
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: not found; run this from the folder that holds it") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: holds no sections; expected {', '.join(Params.model_fields)}")
    try:
        return Params.model_validate(content)
    except pydantic.ValidationError as error:
        # A key that is misspelt is unknown here and missing there: the first says it all.
        errors = [e for e in error.errors() if e["type"] != "missing"] or error.errors()
        raise UserError(f"{path}: " + "; ".join(map(_explain, errors))) from None


def _explain(error: Any) -> str:
    """One broken rule in words: the key, the value found and what is allowed."""
    location = error["loc"]
    # Pydantic names the kind of a schedule or a loss between its key and theirs.
    path = [
        part for before, part in pairwise(("", *location)) if part != "[key]" and before not in ("schedule", "loss")
    ]
    key = ".".join(map(str, path))
    if error["type"] == "extra_forbidden":
        allowed = _keys_at(location[:-1])
        close = difflib.get_close_matches(str(path[-1]), allowed, 1)
        hint = f"did you mean {close[0]}?" if close else f"allowed here: {', '.join(allowed)}"
        return f"{key}: unknown key ({hint})"
    if error["type"] == "missing":
        return f"{key}: missing; add it"
    if error["type"] == "union_tag_not_found":
        return f"{key}.kind: missing; add it"
    if error["type"] == "union_tag_invalid":
        return f"{key}.kind is {error['ctx']['tag']!r}: input should be {error['ctx']['expected_tags']}"
    message = error["msg"].removeprefix("Value error, ")
    if not key:  # a rule between sections, which names its keys itself
        return str(message)
    value = "" if isinstance(error["input"], dict) else f" is {error['input']!r}:"
    return f"{key}{value or ':'} {message[0].lower()}{message[1:]}"


def _keys_at(location: Sequence[Any]) -> list[str]:
    """The keys that params.yaml allows under what pydantic calls `location`."""
    found: Any = Params
    for part in location:
        if isinstance(found, type):
            found = found.model_fields[part].annotation  # type: ignore[attr-defined] # of a Section
        else:  # the kinds of a schedule or a loss, or what `language_models` holds
            options = get_args(found)
            found = next((option for option in options if option.__name__.lower() == part), options[-1])
    return list(found.model_fields)
