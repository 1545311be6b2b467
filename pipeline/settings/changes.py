"""Differences between two sets of settings, and settings as YAML text."""

import io
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from pipeline.run.section import Section
from pipeline.settings import Params

ANY = TypeAdapter(Any)
ONE_LINE = 1 << 20  # characters, so that YAML does not break lines
ABSENT = object()  # an entry that one of two sets of settings does not have


class Change(NamedTuple):
    """The values of a key in two sets of settings; `ABSENT` if there is no such entry."""

    before: Any
    after: Any


def defaults_for(params: Params) -> Params:
    """Return the default settings, with the defaults of each entry of `models`, by its kind, and of `mixtures`."""
    models = {name: {"kind": entry.kind} for name, entry in params.models.items()}
    mixtures = dict.fromkeys(params.mixtures)
    return Params.model_validate({**dict.fromkeys(Params.model_fields), "models": models, "mixtures": mixtures})


def differences(before: Any, after: Any, prefix: str = "") -> dict[str, Change]:
    """Return the changes of settings by dotted key, which begins with `prefix`."""
    old, new = dict(before), dict(after)
    found: dict[str, Change] = {}
    for name in old | new:
        change = Change(old.get(name, ABSENT), new.get(name, ABSENT))
        if change.before == change.after:
            continue
        if type(change.before) is type(change.after) and has_keys(change.after, after):
            found |= differences(*change, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = change
    return found


def has_keys(value: Any, parent: Any) -> bool:
    """Return whether each key of a value is a setting of its own; a section with several kinds is one setting."""
    return isinstance(value, dict) or (
        isinstance(value, Section) and (isinstance(parent, dict) or "kind" not in type(value).model_fields)
    )


def plain(key: str, value: Any) -> Any:
    """Return the value of a key without types; None if there is no such entry."""
    if value is None and "." not in key:
        return "off"
    return None if value is ABSENT else ANY.dump_python(value)


def shown(key: str, value: Any) -> str:
    """Return the value of a key in one line, as people write it: without the keys that have their default."""
    if value is ABSENT:
        return "removed"
    if value is None:
        return "blank" if "." in key else "off"
    return flow(_shorten(ANY.dump_python(value, exclude_defaults=True)))


def _shorten(value: Any) -> Any:
    """Return `adam` for {kind: adam}, at any depth."""
    if not isinstance(value, dict):
        return value
    return value["kind"] if list(value) == ["kind"] else {key: _shorten(inner) for key, inner in value.items()}


def flow(value: Any) -> str:
    """Return a value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    yaml, text = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style, yaml.width = True, ONE_LINE
    yaml.dump([value], text)
    return text.getvalue().strip()[1:-1]


def as_yaml(settings: Any, changed: Mapping[str, Change], prefix: str = "") -> Iterator[str]:
    """Yield the lines of all settings; a comment on each `changed` one names its default."""
    indent = "  " * prefix.count(".")
    for name, value in sorted(dict(settings).items(), key=lambda item: item[0] != "kind"):  # kind first
        key, mark = f"{prefix}{name}", ""
        if key in changed:
            default = changed[key].before
            mark = " # added" if default is ABSENT else f" # changed; default: {shown(key, default)}"
        if has_keys(value, settings) and value != {}:
            yield f"{indent}{flow(name)}:{mark}"
            yield from as_yaml(value, changed, f"{key}.")
        else:
            yield f"{indent}{flow(name)}: {flow(_shorten(plain(key, value)))}{mark}"
