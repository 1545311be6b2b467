"""The typed sections of params.yaml, read once and checked whole before a stage touches any data.

Every key is required and has no default here, so that params.yaml shows every setting of a run.
"""

import datetime
import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.run.console import UserError

Fraction = Annotated[float, Field(ge=0, le=1)]
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
    batch_tokens: PositiveInt  # the most tokens in a batch, padding included
    end_fraction: Fraction  # the share of sequences whose END is a target


class LanguageModel(Section):
    """One language model: its unit, its sizes, its optimizer."""

    unit: Literal["gru", "lstm"]
    embedding_size: PositiveInt
    hidden_sizes: Annotated[list[PositiveInt], Field(min_length=1)]
    optimizer: Literal["adam", "sgd"]
    learning_rate: PositiveFloat
    momentum: Annotated[float, Field(ge=0, lt=1)]  # of sgd; adam has its own
    gradient_clip: Annotated[float, Field(ge=0)]  # the largest norm of the gradient; 0 clips nothing


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
    scheduler: Annotated[str, Field(pattern=r"^(local|(tcp|tls)://.+:\d+)$")]
    accelerator: Literal["auto", "cpu", "gpu"]
    loader_workers: Annotated[int, Field(ge=0)]
    connections: Annotated[int, Field(ge=1, le=3)]  # Wikimedia's servers allow an address three
    contact: Annotated[str, Field(pattern=r"^[!-~]+$")] | None  # an e-mail or web address, for those servers


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
    *parents, last = path = [part for part in error["loc"] if part != "[key]"]
    key = ".".join(map(str, path))
    if error["type"] == "extra_forbidden":
        allowed = _keys_at(parents)
        close = difflib.get_close_matches(str(last), allowed, 1)
        hint = f"did you mean {close[0]}?" if close else f"allowed here: {', '.join(allowed)}"
        return f"{key}: unknown key ({hint})"
    if error["type"] == "missing":
        return f"{key}: missing; add it"
    message = error["msg"].removeprefix("Value error, ")
    value = "" if isinstance(error["input"], dict) else f" is {error['input']!r}:"
    return f"{key}{value or ':'} {message[0].lower()}{message[1:]}"


def _keys_at(path: list[Any]) -> list[str]:
    """The keys that params.yaml allows under `path`."""
    section: type[Section] = Params
    for part in path:
        if section is Params and part == "language_models":
            continue
        field = section.model_fields.get(str(part))
        section = field.annotation if field else LanguageModel  # type: ignore[assignment]
    return list(section.model_fields)
