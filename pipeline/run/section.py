"""The base of every typed section of params.yaml, and the types that several sections share."""

import os
from pathlib import Path
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import BeforeValidator, Field
from pydantic.json_schema import JsonSchemaValue as JsonSchema
from pydantic_core import CoreSchema

from pipeline.run.errors import UserError

SEEDS = 2**32  # that NumPy takes, from 0 on
LARGEST = 2**32  # whole number of a setting; NumPy and torch take none that is much larger
Seed = Annotated[int, Field(ge=0, lt=SEEDS)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Proper = Annotated[float, Field(gt=0, lt=1)]
NotNegative = Annotated[float, Field(ge=0)]


RULES: dict[str, str] = {}  # what a text must be, in words, by its pattern


def matching(pattern: str, meaning: str) -> Any:
    """Return the mark of a text that must match a `pattern`; `meaning` describes it in words."""
    RULES[pattern] = f"must be {meaning}"
    return Field(pattern=pattern, json_schema_extra={"patternErrorMessage": RULES[pattern]})  # which editors show


NonEmpty = Annotated[str, matching(r"\S", "text that is not empty")]
# DVC would write a user and password into dvc.lock. Requests takes them from ~/.netrc, for each server its own.
Url = Annotated[
    str,
    matching(r"^https?://[^\s?#@]+$", "an address such as https://example.org, with its user and password in ~/.netrc"),
]
# Names become file names and DVC stage names.
Name = Annotated[str, matching(r"^[a-z0-9][a-z0-9_-]{0,63}$", "made of at most 64 lower-case letters, digits, - and _")]


def path_of(setting: str) -> Path:
    """Return the path that a setting names, where `~` is the user's home; an unknown user's stays as it is."""
    return Path(os.path.expanduser(setting))  # noqa: PTH111 # Path.expanduser raises RuntimeError


def dependency(key: str, setting: str) -> Path:
    """Return the folder that a setting names, on which a stage depends; raises `UserError`, which names the `key`."""
    if setting.startswith("~"):
        raise UserError(f"params.yaml: {key} is {setting!r}: DVC, which sees an edit there, knows no ~; give all of it")
    return Path(setting)


class Section(pydantic.BaseModel):
    """A section of params.yaml: immutable, no unknown keys, no silent conversions. A blank section has the defaults."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _fill_in_blank(cls, content: Any) -> Any:
        return {} if content is None else content

    @pydantic.field_validator("*")
    @classmethod
    def _fit_libraries(cls, value: Any) -> Any:
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int) and number > LARGEST:
                raise ValueError(f"must be at most {LARGEST}")
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler) -> JsonSchema:
        found = handler(schema)
        handler.resolve_ref_schema(found)["type"] = ["object", "null"]
        return found


def _spell_out(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


def _add_kinds_alone(schema: JsonSchema) -> None:
    sections = {key: schema.pop(key) for key in ("oneOf", "discriminator")}
    schema["anyOf"] = [{"enum": list(sections["discriminator"]["mapping"])}, sections]


Kinds = TypeVar("Kinds")
# A union of sections with a `kind`. The kind alone, `adam`, stands for that section with its defaults.
ByKind = Annotated[Kinds, Field(discriminator="kind", json_schema_extra=_add_kinds_alone), BeforeValidator(_spell_out)]


def ascending(value: list[int]) -> list[int]:
    """Return `value`; raises `ValueError` if it does not ascend."""
    if value != sorted(set(value)):
        raise ValueError("must ascend")
    return value


@pydantic.model_validator(mode="after")
def have_every_seed(section: Any) -> Any:
    """Return a section that has `seeds` seeds from `seed` on; raises `ValueError` if the last one is too large."""
    if section.seed + section.seeds > SEEDS:
        raise ValueError(f"seed + seeds must be at most {SEEDS}")
    return section


Ascending = Annotated[list[pydantic.PositiveInt], Field(min_length=1), pydantic.AfterValidator(ascending)]
Sizes = Annotated[list[pydantic.PositiveInt], Field(min_length=1)]
