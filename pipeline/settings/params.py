"""The type of params.yaml, and how the file is read and checked."""

from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import pydantic
from pydantic import BeforeValidator, Field
from pydantic.json_schema import JsonSchemaValue
from ruamel.yaml.error import YAMLError

from pipeline.run import doors
from pipeline.run.errors import UserError, did_you_mean, without_login
from pipeline.run.runtime import Runtime
from pipeline.run.section import Name, Section
from pipeline.settings.experiment_sections import Parity, Poems, PoetryClassification, PoetryGeneration
from pipeline.settings.explain import explain
from pipeline.settings.model_sections import LanguageModelEntry, Train
from pipeline.settings.result_sections import NGRAM_MODELS, Analogies, Baselines, Embeddings, Grammar, Mixture
from pipeline.settings.text_sections import Extract, Index, Tokens, VocabularySection, Wiki
from pipeline.settings.vector_sections import EmbeddingEntry, FastTextEntry, SvdEntry, Word2vecEntry

PARAMS = Path("params.yaml")
POETS = "poetry"  # the folder of the poets' models in data/models


def _fill_in_kind(entry: Any) -> Any:
    """Return an entry of `models` with its kind, which is `language_model` by default."""
    if isinstance(entry, dict):
        return {"kind": "language_model", **entry}
    raise ValueError("must be a section such as {unit: lstm}")


def _switch_off(section: Any) -> Any:
    if section == "off" or section is False:  # YAML 1.2 reads `off` as text, YAML 1.1 as false
        return None
    if section is None or isinstance(section, dict):
        return section or {}
    raise ValueError("must be off or a section of keys")


def _add_off(schema: JsonSchemaValue) -> None:
    schema["anyOf"].append({"const": "off"})


Entry = Annotated[
    LanguageModelEntry | EmbeddingEntry | Word2vecEntry | FastTextEntry | SvdEntry,
    Field(discriminator="kind"),
    BeforeValidator(_fill_in_kind),
]
Switched = TypeVar("Switched", bound=Section)
# A section that may be `off`, which is None after reading.
OrOff = Annotated[Switched | None, BeforeValidator(_switch_off), Field(json_schema_extra=_add_off)]


class Params(Section):
    """All of params.yaml. A section that is None was switched `off`."""

    wiki: Wiki
    extract: Extract
    tokens: Tokens
    vocabulary: VocabularySection
    index: Index
    baselines: Baselines
    train: Train
    models: Annotated[dict[Name, Entry], Field(min_length=1)] = Field(
        description="the models that are trained, by name; `NAME: {unit: lstm}` is a whole entry"
    )
    mixtures: dict[Name, Mixture] = Field(
        description="interpolations of models, by name; `NAME: {}` is a whole entry. They are not entries of `models`, "
        "because DVC trains these independently of each other"
    )
    grammar: Grammar = Grammar()  # which a file of an earlier version lacks
    embeddings: Embeddings
    analogies: Analogies
    parity: OrOff[Parity]
    poems: OrOff[Poems]
    poetry_generation: OrOff[PoetryGeneration]
    poetry_classification: OrOff[PoetryClassification]
    runtime: Runtime

    @pydantic.field_validator("models")
    @classmethod
    def _reserve_names(cls, value: dict[str, Entry]) -> dict[str, Entry]:
        if taken := [name for name in value if name.partition("-")[0] == POETS]:
            raise ValueError(f"the name {taken[0]} is reserved: the poets' models in data/models have such names")
        if taken := [name for name in NGRAM_MODELS if name in value]:
            raise ValueError(f"the name {taken[0]} is reserved for an n-gram model")
        return value

    @pydantic.model_validator(mode="after")
    def _mix_what_there_is(self) -> Self:
        allowed = [name for name, model in self.models.items() if model.kind == "language_model"] + list(NGRAM_MODELS)
        for mixture, settings in self.mixtures.items():
            if mixture in self.models or mixture in NGRAM_MODELS:
                raise ValueError(f"mixtures.{mixture}: a model has this name; give the mixture another")
            if unfit := next((name for name in settings.of or () if name not in allowed), None):
                hint = did_you_mean(unfit, allowed) or f"there are {', '.join(allowed)}"
                if unfit in self.models:
                    hint = f"its kind is {self.models[unfit].kind}"
                raise ValueError(f"mixtures.{mixture}.of names {unfit}, no language model or n-gram model ({hint})")
        return self

    @pydantic.model_validator(mode="after")
    def _fit_the_vocabulary(self) -> Self:
        size = self.vocabulary.size
        vectors = [name for name, model in self.models.items() if model.kind != "language_model"]
        if vectors and not self.vocabulary.chosen.has_vectors:
            raise ValueError(
                f"models: word vectors need whole words, and vocabulary.kind is {self.vocabulary.kind}; delete "
                f"{', '.join(vectors)} (in a preset: `NAME: null`)"
            )
        for name, model in self.models.items():
            if model.kind == "language_model" and model.loss.kind == "adaptive" and model.loss.cutoffs[-1] >= size:
                raise ValueError(f"models.{name}.loss.cutoffs is {model.loss.cutoffs}; vocabulary.size is only {size}")
        return self

    def entry(self, name: str) -> Entry:
        """Return the entry `name` of `models`; raises `UserError` if it is missing."""
        if name not in self.models:
            raise UserError(f"params.yaml: models has no {name!r}; it has {', '.join(self.models)}")
        return self.models[name]


def load_params(path: Path = PARAMS) -> Params:
    """Read and check params.yaml; raises `UserError` naming the key, its value and what is allowed."""
    return validated(read_yaml(path), path)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; raises `UserError` if the file holds something else."""
    return parse_yaml(read_text(path), path)


def read_text(path: Path) -> str:
    """Return the text of a YAML file; raises `UserError` if it cannot be read."""
    try:
        return doors.bounded_text(path, doors.MOST_SETTINGS)
    except FileNotFoundError:
        hint = "run this from the folder that holds it" if path == PARAMS else "give another path"
        raise UserError(f"{path}: not found; {hint}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None


def parse_yaml(text: str, path: Path) -> dict[str, Any]:
    """Return the mapping in the text of a YAML file; raises `UserError` if it holds none."""
    try:
        content = doors.bounded_yaml(text)
    except (YAMLError, ValueError, TypeError) as error:  # the last two on dates and keys that do not exist
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise UserError(f"{path}: is not valid YAML{f': line {mark.line + 1}' if mark else ''}: {problem}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: holds no sections; it must have {', '.join(Params.model_fields)}")
    return content


def validated(content: dict[str, Any], path: Path | str = PARAMS) -> Params:
    """Return the typed sections of a params.yaml; raises `UserError`, which names `path`, if something is wrong."""
    try:
        return Params.model_validate(content)
    except pydantic.ValidationError as error:
        raise UserError(f"{path}: {without_login(explain(error, Params))}") from None
