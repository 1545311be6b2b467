"""Settings by dotted key, the defaults of a params.yaml, and values as YAML in one line."""

import io
from typing import Any

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from pipeline.run.section import Section
from pipeline.settings.params import Params

ANY = TypeAdapter(Any)


def defaults_for(params: Params) -> Params:
    """Return the default settings, with the defaults of each entry of `models`, by its kind, and of `mixtures`."""
    models = {name: {"kind": entry.kind} for name, entry in params.models.items()}
    named = {"models": models, "mixtures": dict.fromkeys(params.mixtures)}
    return Params.model_validate(dict.fromkeys(Params.model_fields) | named)


def flat(settings: Any, prefix: str = "") -> dict[str, Any]:
    """Return settings by their dotted keys, which begin with `prefix`; a section of several kinds is one setting."""
    found: dict[str, Any] = {}
    for name, value in dict(settings).items():
        one_of_several = isinstance(value, Section) and "kind" in type(value).model_fields
        if isinstance(value, dict | Section) and value and (isinstance(settings, dict | Params) or not one_of_several):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def changed(params: Params) -> dict[str, tuple[Any, Any]]:
    """Return each setting that differs from its default, by its dotted key, and the default; `...` if it has none."""
    defaults = flat(defaults_for(params))
    pairs = {key: (value, defaults.get(key, ...)) for key, value in flat(params).items()}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def shown(key: str, value: Any) -> str:
    """Return the value of a key in one line, as people write it: without the keys that have their default."""
    if value is None:
        return "blank" if "." in key else "off"
    return in_flow_style(_shorten(ANY.dump_python(value, exclude_defaults=True)))


def _shorten(value: Any) -> Any:
    """Return `adam` for {kind: adam}, at any depth."""
    if not isinstance(value, dict):
        return value
    return value["kind"] if list(value) == ["kind"] else {key: _shorten(inner) for key, inner in value.items()}


def in_flow_style(value: Any) -> str:
    """Return a value as YAML in one line."""
    yaml, text = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style, yaml.width = True, 1 << 20  # characters: no line is broken
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # its annotation is None
    yaml.dump({"a": value}, text)
    return text.getvalue().strip().removeprefix("{a: ")[:-1]
