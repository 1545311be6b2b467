"""The typed sections of params.yaml, read once and checked whole before a stage touches any data.

Every key is required and has no default here, so that params.yaml shows every setting of a run.
"""

import difflib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args

import pydantic
from pydantic import Field
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.run.console import UserError
from pipeline.run.params.experiments import Parity
from pipeline.run.params.results import Analogies, Embeddings, Report
from pipeline.run.params.runtime import Runtime
from pipeline.run.params.section import Name, Section
from pipeline.run.params.text import Baselines, Extract, Index, Tokens, Vocabulary, Wiki
from pipeline.run.params.training import LanguageModel, Train


class Params(Section):
    """All of params.yaml."""

    wiki: Wiki
    extract: Extract
    tokens: Tokens
    vocabulary: Vocabulary
    index: Index
    baselines: Baselines
    train: Train
    language_models: Annotated[dict[Name, LanguageModel], Field(min_length=1)]
    embeddings: Embeddings
    analogies: Analogies
    parity: Parity
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
