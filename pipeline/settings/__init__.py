"""The typed sections of params.yaml, read once and checked whole before a stage touches any data.

Every key is required and has no default here, so that params.yaml shows every setting of a run.
"""

import difflib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pydantic
from pydantic import Field
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.evaluation.settings import Analogies, Embeddings, Report
from pipeline.experiments.classification.settings import PoetryClassification
from pipeline.experiments.generation.settings import PoetryGeneration
from pipeline.experiments.parity.settings import Parity
from pipeline.experiments.verse.settings import Poems
from pipeline.run.console import UserError
from pipeline.run.runtime import Runtime
from pipeline.run.section import Name, Section
from pipeline.text.settings import Baselines, Extract, Index, Tokens, Vocabulary, Wiki
from pipeline.training.settings import LanguageModel, Train
from pipeline.training.vector_settings import Embedding, Svd, Word2vec

PARAMS = Path("params.yaml")
POETS = "poetry"  # a name in data/models that is no language model's
KINDS = ("schedule", "loss", "start")  # keys whose sections are of one kind or another
Entry = Annotated[LanguageModel | Embedding | Word2vec | Svd, Field(discriminator="kind")]


class Params(Section):
    """All of params.yaml."""

    wiki: Wiki
    extract: Extract
    tokens: Tokens
    vocabulary: Vocabulary
    index: Index
    baselines: Baselines
    train: Train
    language_models: Annotated[dict[Name, Entry], Field(min_length=1)]
    embeddings: Embeddings
    analogies: Analogies
    parity: Parity
    poems: Poems
    poetry_generation: PoetryGeneration
    poetry_classification: PoetryClassification
    report: Report
    runtime: Runtime

    @pydantic.field_validator("language_models")
    @classmethod
    def _leave_the_poets_their_folder(cls, value: dict[str, Entry]) -> dict[str, Entry]:
        if POETS in value:
            raise ValueError(f"{POETS} is where the poets' models are kept (data/models/{POETS}); give another name")
        return value

    @pydantic.model_validator(mode="after")
    def _let_a_plateau_act(self) -> "Params":
        recurrent = {name: model for name, model in self.language_models.items() if model.kind == "recurrent"}
        poetry = self.poetry_generation
        for section, models, stage, training in (
            ("language_models", recurrent, "train", self.train),
            ("poetry_generation.models", poetry.models, "poetry_generation", poetry),
        ):
            for name, model in models.items():
                if model.schedule.kind == "plateau" and model.schedule.patience >= training.patience:
                    raise ValueError(
                        f"{section}.{name}.schedule.patience ({model.schedule.patience}) must be below "
                        f"{stage}.patience ({training.patience}), or training stops first"
                    )
        return self

    @pydantic.model_validator(mode="after")
    def _export_what_there_is(self) -> "Params":
        for name, model in self.language_models.items():
            if model.kind == "recurrent" and model.loss.kind == "adaptive" and self.embeddings.vectors != "input":
                raise ValueError(
                    f"embeddings.vectors is {self.embeddings.vectors!r}, but language_models.{name} has no output "
                    "vectors, as its loss is adaptive; give input, or that model another loss"
                )
        return self

    def language_model(self, name: str) -> Entry:
        """The entry `name` of `language_models`; raises `UserError` where there is none."""
        if name not in self.language_models:
            raise UserError(f"params.yaml: language_models has no {name!r}; it has {', '.join(self.language_models)}")
        return self.language_models[name]


def load_params(path: Path = PARAMS) -> Params:
    """Read and check params.yaml; raises `UserError` naming the key, its value and what is allowed."""
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "run this from the folder that holds it" if path == PARAMS else "give another path"
        raise UserError(f"{path}: not found; {hint}") from None
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
    # Pydantic names the kind of an entry, a schedule, a loss or a start before its keys.
    path = [
        part
        for place, (before, part) in enumerate(pairwise(("", *location)))
        if part != "[key]" and before not in KINDS and (place, location[0]) != (2, "language_models")
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
        if isinstance(found, type) and issubclass(found, Section):
            found = found.model_fields[part].annotation
        elif get_origin(found) is dict:
            found = get_args(found)[1]
        elif get_origin(found) is list:
            (found,) = get_args(found)
        else:  # one of the kinds of an entry, a schedule, a loss or a start
            found = next(kind for kind in get_args(found) if get_args(kind.model_fields["kind"].annotation) == (part,))
        if get_origin(found) is Annotated:
            found = get_args(found)[0]
        if type(None) in get_args(found):  # a section or null
            found = get_args(found)[0]
    return list(found.model_fields)
