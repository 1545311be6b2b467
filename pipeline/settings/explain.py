"""Validation errors in plain words: the key, the value found, and what is allowed."""

import datetime
import difflib
from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pydantic

# By pydantic's type of error; its context fills the braces.
WORDS = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "literal_error": "must be {expected}",
    "union_tag_invalid": "must be {expected_tags}",
    "list_type": "must be a list, such as [128, 128]",
    "dict_type": "must be a section of keys",
    "model_type": "must be a section of keys",
    "model_attributes_type": "must be a section of keys",
    "too_short": "must not be empty",
}
MOST = 3  # problems that a message names


def explain(error: pydantic.ValidationError, root: type[pydantic.BaseModel]) -> str:
    """The broken rules of a params.yaml of the type `root`, in one line."""
    # A misspelt section is unknown here and missing there: the first says it all.
    every = [e for e in error.errors() if e["type"] != "missing"] or error.errors()
    more = f"; and {len(every) - MOST} more" if len(every) > MOST else ""
    return "; ".join(_explain(e, root) for e in every[:MOST]) + more


def _explain(error: Any, root: type[pydantic.BaseModel]) -> str:
    location, found, kind, context = error["loc"], error["input"], error["type"], error.get("ctx", {})
    key, _ = _follow(root, location)
    if kind == "extra_forbidden":
        return f"{key}: unknown key ({_hint(str(location[-1]), _follow(root, location[:-1])[1])})"
    if kind == "missing":
        return f"{key}: missing; add {'it' if '.' in key else f'`{key}: {{}}`'}"
    if kind == "union_tag_not_found":
        return f"{key}.kind: missing; add it"
    message = WORDS[kind].format(**context) if kind in WORDS else error["msg"].removeprefix("Value error, ")
    if not key:  # a rule between sections, which names its keys itself
        return str(message)
    if found is None:
        return f"{key} is blank; it {message}, or remove the line for its default"
    if kind == "union_tag_invalid":
        key, found = f"{key}.kind", context["tag"]
    if isinstance(found, dict):
        return f"{key}: {message}"
    return f"{key} is {found if isinstance(found, datetime.date) else repr(found)}; it {message}"


def _follow(root: type[pydantic.BaseModel], location: Sequence[Any]) -> tuple[str, list[Any]]:
    """The dotted key of a pydantic location, and the types of what may stand there.

    A location also names the kind of a section that has kinds; those are no keys.
    """
    path: list[str] = []
    types: list[Any] = [root]
    for part in location:
        if part == "[key]":
            continue
        if of_kind := [t for t in types if len(types) > 1 and _kind(t) == part]:
            types = of_kind
            continue
        path.append(str(part))
        types = [found for t in types for found in _below(t, part)]
    return ".".join(path), types


def _below(kind: Any, part: Any) -> Iterator[Any]:
    """The types that may stand under a key or a number of a section, a dictionary or a list."""
    if _is_section(kind):
        if part in kind.model_fields:
            yield from _types(kind.model_fields[part].annotation)
    elif get_origin(kind) in (dict, list):
        yield from _types(get_args(kind)[-1])


def _types(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows."""
    if get_origin(annotation) is Annotated:
        yield from _types(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _types(each)
    else:
        yield annotation


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)


def _kind(section: Any) -> str | None:
    """The kind of a section that is one of several."""
    field = section.model_fields.get("kind") if _is_section(section) else None
    return get_args(field.annotation)[0] if field else None


def _hint(key: str, types: Sequence[Any]) -> str:
    """What to write in place of an unknown key of these sections."""
    sections = [t for t in types if _is_section(t)]
    for section in sections:  # a setting of one kind of unit, loss or optimizer
        for name, field in section.model_fields.items():
            for inner in _types(field.annotation):
                if _is_section(inner) and key in inner.model_fields:
                    kind = f"kind: {_kind(inner)}, " if _kind(inner) else ""
                    return f"it belongs to {name}: {{{kind}{key}: ...}}"
    allowed = [name for section in sections for name in section.model_fields]
    close = difflib.get_close_matches(key, allowed, 1)
    return f"did you mean {close[0]}?" if close else f"allowed here: {', '.join(allowed)}"
