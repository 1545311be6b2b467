"""Validation errors in plain words: the key, the value found, and what is allowed."""

import difflib
import re
from collections.abc import Iterator, Sequence
from datetime import date
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
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "literal_error": "must be {expected}",
    "list_type": "must be a list in square brackets",
    "dict_type": "must be a section of keys",
    "model_type": "must be a section of keys",
    "too_short": "must not be empty",
}
# Where earlier settings went, so that an old params.yaml is easy to bring up to date.
MOVED = {
    "language_models": "models",
    "train.epochs": "models.NAME.epochs",
    "train.patience": "models.NAME.patience",
    "train.batch_tokens": "models.NAME.batches: {kind: sentences, tokens: N}",
    "train.draw": "models.NAME.batches",
    "train.stream_rows": "models.NAME.batches: {kind: stream, rows: N}",
    "train.bptt": "models.NAME.batches: {kind: stream, steps: N}",
    "train.end_fraction": "index.end_fraction",
    "models.NAME.loss.bfloat16": "models.NAME.bfloat16",
    "poetry_generation.models.NAME.loss.bfloat16": "poetry_generation.models.NAME.bfloat16",
    "poetry_generation.epochs": "poetry_generation.models.NAME.epochs",
    "poetry_generation.patience": "poetry_generation.models.NAME.patience",
    "poetry_generation.batch_tokens": "poetry_generation.models.NAME.batches: {kind: sentences, tokens: N}",
}
RENAMED_KINDS = {"recurrent": "language_model"}
MOST_PROBLEMS = 3  # in one message
MOST_CHARACTERS = 80  # of a value in a message


def explain(error: pydantic.ValidationError, root: type[pydantic.BaseModel]) -> str:
    """Return the broken rules of a params.yaml of the type `root`, in one line."""
    # A misspelt section is both unknown and missing: name it once.
    every = [e for e in error.errors() if e["type"] != "missing"] or error.errors()
    more = f"; and {len(every) - MOST_PROBLEMS} more" if len(every) > MOST_PROBLEMS else ""
    told = "; ".join(_explain(e, root) for e in every[:MOST_PROBLEMS]) + more
    return told.replace("\n", "\\n")  # a key may hold one


def _explain(error: Any, root: type[pydantic.BaseModel]) -> str:
    location, found, kind = error["loc"], error["input"], error["type"]
    key, types = _follow(root, location)
    if kind in ("extra_forbidden", "invalid_key"):
        return f"{key}: unknown key ({_hint(root, location, key)})"
    if kind == "missing":
        return f"{key}: missing; add {'it' if '.' in key else f'`{key}: {{}}`'}"
    message = _rule(error, types)
    if not key:  # a rule between sections, which names its keys itself
        return message
    if kind == "union_tag_not_found":
        return f"{key}.kind: missing; it {message}"
    if kind == "union_tag_invalid":
        key, found = f"{key}.kind", found["kind"]
    if found is None:
        remove = ", or remove the line for its default" if _has_default(root, location) else ""
        return f"{key} is blank; it {message}{remove}"
    if location[-1] == "[key]":
        return f"{key}: this name {message}"
    return f"{key}: {message}" if isinstance(found, dict) else f"{key} is {_shown(found)}; it {message}"


def _rule(error: Any, types: Sequence[Any]) -> str:
    """Return what is allowed for a value of one of these `types`."""
    kind, context = error["type"], error.get("ctx", {})
    if kinds := [repr(_kind(t)) for t in types if _kind(t)]:
        if kind == "model_attributes_type":
            return f"must be {_either(kinds)}, or a section with one of these as its kind"
        if kind in ("union_tag_invalid", "union_tag_not_found"):
            renamed = RENAMED_KINDS.get(context.get("tag", ""))
            return f"must be {_either(kinds)}" + (f" ({context['tag']} is now {renamed})" if renamed else "")
    return WORDS[kind].format(**context) if kind in WORDS else str(error["msg"]).removeprefix("Value error, ")


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _shown(value: Any) -> str:
    """Return a value as params.yaml shows it."""
    text = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."


def _has_default(root: type[pydantic.BaseModel], location: Sequence[Any]) -> bool:
    fields = [t.model_fields.get(location[-1]) for t in _follow(root, location[:-1])[1] if _is_section(t)]
    return any(field and not field.is_required() for field in fields)


def _follow(root: type[pydantic.BaseModel], location: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return the dotted key of a pydantic location, and the types that are allowed there.

    A location also contains the kind of each section that has kinds; a kind is not a key.
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
    """Yield the types that are allowed at a key of a section or dictionary, or in a list."""
    if _is_section(kind):
        if part in kind.model_fields:
            yield from _types(kind.model_fields[part].annotation)
    elif get_origin(kind) in (dict, list):
        yield from _types(get_args(kind)[-1])


def _types(annotation: Any) -> Iterator[Any]:
    """Yield the types that an annotation allows."""
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
    """Return the kind of a section that is one of several kinds; None for other types."""
    field = section.model_fields.get("kind") if _is_section(section) else None
    return get_args(field.annotation)[0] if field else None


def _hint(root: type[pydantic.BaseModel], location: Sequence[Any], key: str) -> str:
    """Return what to write instead of an unknown key."""
    if moved := MOVED.get(re.sub(r"\bmodels\.[^.]+", "models.NAME", key)):
        return f"now {moved}"
    name = str(location[-1])
    sections = [t for t in _follow(root, location[:-1])[1] if _is_section(t)]
    allowed = [name for section in sections for name in section.model_fields]
    for section in sections:
        for outer, field in section.model_fields.items():
            inner = [t for t in _types(field.annotation) if _is_section(t) and name in t.model_fields]
            if inner and name != "kind":
                kinds = " or ".join(kind for t in inner if (kind := _kind(t)))
                return f"it belongs to {outer}: {{{f'kind: {kinds}, ' if kinds else ''}{name}: ...}}"
    if close := difflib.get_close_matches(name, allowed, 1, cutoff=0.8):
        return f"did you mean {close[0]}?"
    others = [kind for t in _follow(root, location[:-2])[1] if (kind := _kind(t)) and name in t.model_fields]
    if others:
        return f"it belongs to kind: {' or '.join(others)}"
    close = difflib.get_close_matches(name, allowed, 1)
    return f"did you mean {close[0]}?" if close else f"allowed here: {', '.join(allowed)}"
