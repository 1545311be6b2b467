"""Validation errors in plain words: the key, the value found, and what is allowed."""

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pydantic

from pipeline.run.errors import did_you_mean
from pipeline.run.section import RULES

IN_PLACE = {  # in place of pydantic's own, by its type of error
    "int_type": "must be a whole number",
    "list_type": "must be a list in square brackets",
    "dict_type": "must be a section of keys",
    "model_type": "must be a section of keys",
    "too_short": "must not be empty",
    "missing": "missing; add it",
}
MOST_SHOWN = 80  # of a value in a message


def explain(error: pydantic.ValidationError, root: type[pydantic.BaseModel]) -> str:
    """Return the broken rules of a params.yaml of the type `root`, in one line."""
    # A misspelt section is both unknown and missing: name it once.
    every = [e for e in error.errors() if e["type"] != "missing"] or error.errors()
    return "; ".join(_explain(e, root) for e in every).replace("\n", "\\n")  # a key may hold a newline


def _explain(error: Any, root: type[pydantic.BaseModel]) -> str:
    """Return one broken rule with its key."""
    found, kind = error["input"], error["type"]
    key, types = _follow(root, error["loc"])
    if kind in ("extra_forbidden", "invalid_key"):
        return f"{key}: unknown key ({_hint(root, error['loc'])})"
    rule = IN_PLACE.get(kind) or RULES.get(error.get("ctx", {}).get("pattern")) or error["msg"]
    rule = rule.removeprefix("Value error, ").replace("Input should", "must")
    if kind in ("model_attributes_type", "union_tag_invalid", "union_tag_not_found"):  # one of several sections
        kinds = [repr(_kind(t)) for t in types]
        rule = f"must be {', '.join(kinds[:-1])} or {kinds[-1]}"
        if kind != "model_attributes_type":
            key, found = f"{key}.kind", found.get("kind")
            rule += f" ({guess})" if (guess := did_you_mean(repr(found), kinds)) else ""
    if kind == "int_type" and isinstance(found, float) and found.is_integer():
        rule += f"; write {found:.0f}"
    if not key or isinstance(found, dict):
        return f"{key}: {rule}".removeprefix(": ")  # a rule between sections names its keys itself
    if error["loc"][-1] == "[key]":
        return f"{key}: this name {rule}"
    shown = "blank" if found is None else repr(found) if isinstance(found, str | list) else str(found).lower()
    return f"{key} is {shown[:MOST_SHOWN]}; it {rule}"


def _follow(root: type[pydantic.BaseModel], location: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return the dotted key of a pydantic location, and the types that are allowed there.

    A location also contains the kind of each section that has kinds; a kind is not a key.
    """
    path: list[str] = []
    types: list[Any] = [root]
    for part in location:
        if of_kind := [t for t in types if len(types) > 1 and _kind(t) == part]:
            types = of_kind
        elif part != "[key]":
            path.append(str(part))
            types = [found for t in types for found in _below(t, part)]
    return ".".join(path), types


def _below(kind: Any, part: Any) -> Iterator[Any]:
    """Yield the types that are allowed at a key of a section or dictionary, or in a list."""
    if part in (fields := _fields(kind)):
        yield from _types(fields[part].annotation)
    elif get_origin(kind) in (dict, list):
        yield from _types(get_args(kind)[-1])


def _types(annotation: Any) -> list[Any]:
    """Return the types that an annotation allows."""
    if (origin := get_origin(annotation)) not in (Annotated, Union, UnionType):
        return [annotation]
    return [found for each in get_args(annotation)[: 1 if origin is Annotated else None] for found in _types(each)]


def _fields(section: Any) -> dict[str, Any]:
    """Return the fields of a section by key; none of other types."""
    return getattr(section, "model_fields", {})


def _kind(section: Any) -> str | None:
    """Return the kind of a section that is one of several kinds; None for other types."""
    field = _fields(section).get("kind")
    return get_args(field.annotation)[0] if field else None


def _hint(root: type[pydantic.BaseModel], location: Sequence[Any]) -> str:
    """Return what to write instead of an unknown key."""
    name = str(location[-1])
    fields = {key: field for section in _follow(root, location[:-1])[1] for key, field in _fields(section).items()}
    for outer, field in fields.items():
        for inner in _types(field.annotation):
            if name in _fields(inner) and name != "kind":
                kind = f"kind: {_kind(inner)}, " if _kind(inner) else ""
                return f"it belongs to {outer}: {{{kind}{name}: ...}}"
    return did_you_mean(name, fields) or f"allowed here: {', '.join(fields)}"
