"""All of params.yaml, read once and checked whole before a stage touches any data.

The typed sections, with the default and the meaning of every key, stand beside the code that they set.
"""

from pathlib import Path
from typing import Annotated, Any, Self

import pydantic
from pydantic import BeforeValidator, Field
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pipeline.batches.settings import Train
from pipeline.evaluation.settings import Analogies, Embeddings
from pipeline.experiments.classification.settings import PoetryClassification
from pipeline.experiments.generation.settings import PoetryGeneration
from pipeline.experiments.parity.settings import Parity
from pipeline.experiments.verse.settings import Poems
from pipeline.ngrams.settings import Baselines
from pipeline.page.settings import Report
from pipeline.run.console import UserError
from pipeline.run.runtime import Runtime
from pipeline.run.section import Name, Section
from pipeline.settings.checks import check_later_stages
from pipeline.settings.explain import explain
from pipeline.sources.settings import Wiki
from pipeline.store.settings import Index, Vocabulary
from pipeline.text.settings import Extract, Tokens
from pipeline.training.settings import LanguageModel
from pipeline.training.vector_settings import Embedding, Svd, Word2vec

PARAMS = Path("params.yaml")
POETS = "poetry"  # a name in data/models that belongs to no entry
OFF = ("off", False)  # YAML 1.2 reads a text, YAML 1.1 a boolean


def _fill_in_kind(entry: Any) -> Any:
    """Return an entry of `models` with its kind, a language model's where it names none."""
    return {"kind": "language_model", **entry} if isinstance(entry, dict) else {} if entry is None else entry


def _switch_off(section: Any) -> Any:
    return None if section in OFF else section


Entry = Annotated[
    LanguageModel | Embedding | Word2vec | Svd, Field(discriminator="kind"), BeforeValidator(_fill_in_kind)
]
Switch = BeforeValidator(_switch_off)


class Params(Section):
    """All of params.yaml. A section that is None was switched `off`."""

    wiki: Wiki
    extract: Extract
    tokens: Tokens
    vocabulary: Vocabulary
    index: Index
    baselines: Baselines
    train: Train
    models: Annotated[dict[Name, Entry], Field(min_length=1)] = Field(
        description="what is trained; `NAME: {unit: lstm}` is a whole entry"
    )
    embeddings: Embeddings
    analogies: Analogies
    parity: Annotated[Parity | None, Switch]
    poems: Annotated[Poems | None, Switch]
    poetry_generation: Annotated[PoetryGeneration | None, Switch]
    poetry_classification: Annotated[PoetryClassification | None, Switch]
    report: Report
    runtime: Runtime

    @pydantic.model_validator(mode="before")
    @classmethod
    def _take_a_blank_section_for_its_defaults(cls, content: Any) -> Any:
        return {key: {} if value is None else value for key, value in content.items()}

    @pydantic.field_validator("models")
    @classmethod
    def _leave_the_poets_their_folder(cls, value: dict[str, Entry]) -> dict[str, Entry]:
        if POETS in value:
            raise ValueError(f"{POETS}: that folder holds the poets' models (data/models/{POETS}); give another name")
        return value

    @pydantic.model_validator(mode="after")
    def _export_what_there_is(self) -> Self:
        for name, model in self.models.items():
            if model.kind == "language_model" and model.loss.kind == "adaptive" and self.embeddings.vectors != "input":
                raise ValueError(
                    f"embeddings.vectors is {self.embeddings.vectors!r}, but models.{name} has no output vectors: its "
                    "loss is adaptive; set embeddings.vectors to input, or give that model another loss"
                )
        return self

    def entry(self, name: str) -> Entry:
        """The entry `name` of `models`; raises `UserError` where there is none."""
        if name not in self.models:
            raise UserError(f"params.yaml: models has no {name!r}; it has {', '.join(self.models)}")
        return self.models[name]


def load_params(path: Path = PARAMS, *, stage: str | None = None) -> Params:
    """Read and check params.yaml; raises `UserError` naming the key, its value and what is allowed.

    For a `stage`, also check what that stage and later ones will need: files, a device.
    """
    params = validated(read_yaml(path), path)
    if stage:
        check_later_stages(params, stage)
    return params


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; raises `UserError` where there is none."""
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "run this from the folder that holds it" if path == PARAMS else "give another path"
        raise UserError(f"{path}: not found; {hint}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 text: {error.reason} at byte {error.start:,}") from None
    except YAMLError as error:
        raise UserError(f"{path}: is not valid YAML{_place(error)}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: holds no sections; it must have {', '.join(Params.model_fields)}")
    return content


def _place(error: YAMLError) -> str:
    """Where YAML ends and why, in a few words."""
    if not isinstance(error, MarkedYAMLError) or not error.problem_mark:
        return ""
    problem = (error.problem or "").split("\n")[0]
    return f": line {error.problem_mark.line + 1}: {problem}"


def validated(content: dict[str, Any], path: Path = PARAMS) -> Params:
    """The typed sections of what `path` holds; raises `UserError` where something is wrong."""
    try:
        return Params.model_validate(content)
    except pydantic.ValidationError as error:
        raise UserError(f"{path}: {explain(error, Params)}") from None
