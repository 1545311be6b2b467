"""Write docs/parameters.md from the schema of params.yaml: python -m tests.parameters > docs/parameters.md"""

from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.settings.changes import in_flow_style
from wikilm.schema import json_schema

SCHEMA = json_schema()
HEAD = """# Every setting

`params.yaml` shows the settings that people change. This page lists all of them; `wikilm params` prints the values of
your file, and `wikilm check` checks it. A key that is left out, and a section without keys, have their defaults.
[The end](#kinds) explains settings with kinds: `unit`, `recurrent`, `loss`, `optimizer`, `batches`, `start`.

`python -m tests.parameters > docs/parameters.md` writes this page from the types in `pipeline/`; a test compares them.
"""
KINDS = """## Kinds

A setting with kinds is written as a section, `optimizer: {kind: sgd, momentum: 0.99}`, or as the kind alone,
`optimizer: sgd`, with its defaults.
"""
WORDS = {"boolean": "`true`, `false`", "string": "text", "integer": "integer", "number": "number", "null": "blank"}
LIMITS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}

Schema = dict[str, Any]
Row = tuple[str, str, str, str]  # key, default, allowed, meaning


def page() -> str:
    """Return the whole page."""
    lines = [HEAD]
    for name, section in SCHEMA["properties"].items():
        lines += [f"## `{name}`", "", *(models(section) if name == "models" else part(section))]
    lines.append(KINDS)
    for name, kinds in kinds_by_name().items():
        lines += [f"### `{name}`", "", *table(row for kind in kinds.items() for row in rows_of_kind(*kind))]
    return "\n".join(lines)


def part(section: Schema) -> Iterator[str]:
    """Yield the description of a section and the table of its keys."""
    if "patternProperties" in section:
        yield from (sentence(section["description"]), "", *table(rows(resolve(entry_of(section)), "NAME.")))
        return
    if {"const": "off"} in section.get("anyOf", ()):
        section, off = resolve(section["anyOf"][0]), " May be `off`."
    else:
        section, off = resolve(section), ""
    yield from (section["description"] + off, "", *table(rows(section)))


def models(section: Schema) -> Iterator[str]:
    """Yield a table for each kind of entry."""
    yield from (sentence(section["description"]), "")
    for kind, entry in kinds_of(entry_of(section)).items():
        note = " This is the default kind." if "default" in entry["properties"]["kind"] else ""
        yield from (f"### `kind: {kind}`", "", entry["description"] + note, "", *table(rows(entry)))


def table(found: Iterable[Row]) -> Iterator[str]:
    """Yield Markdown for rows."""
    yield from ("| key | default | allowed | meaning |", "|---|---|---|---|")
    yield from ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in found)
    yield ""


def rows_of_kind(kind: str, section: Schema) -> Iterator[Row]:
    """Yield a kind and its keys."""
    yield f"`kind: {kind}`", "", "", section["description"]
    yield from rows(section)


def rows(section: Schema, prefix: str = "") -> Iterator[Row]:
    """Yield the keys of a section and of the sections within it."""
    for name, field in section["properties"].items():
        if "const" not in field:  # as the kind of a section of several kinds
            yield from row(f"{prefix}{name}", field)


def row(key: str, field: Schema) -> Iterator[Row]:
    """Yield a key, and the keys below it where it is a section."""
    meaning, default, inner = field.get("description", ""), shown(field), resolve(field)
    if "patternProperties" in field:
        entry = entry_of(field)
        yield f"`{key}.NAME`", default, allowed(entry), meaning
        field, key = entry, f"{key}.NAME"
        inner = resolve(entry)
    else:
        yield f"`{key}`", default, allowed(field), meaning
    for section in (inner, *(resolve(option) for option in field.get("anyOf", ())), resolve(inner.get("items", {}))):
        if "properties" in section:
            yield from rows(section, f"{key}.")


def shown(field: Schema) -> str:
    """Return the default of a field as params.yaml would have it; empty for a section that has its own defaults."""
    if "default" not in field:
        return ""
    default = field["default"]
    if default is None:
        return "blank"
    if "patternProperties" in field:
        return ", ".join(f"`{name}`" for name in default)
    if not isinstance(default, dict):
        return f"`{in_flow_style(default)}`"
    kinds = kinds_of(field)
    section = kinds[default["kind"]] if kinds else resolve(field)
    own = {name: value.get("default") for name, value in section["properties"].items()}
    changed = {name: value for name, value in default.items() if own[name] != value}
    if list(changed) == ["kind"]:
        return f"`{default['kind']}`"
    return f"`{in_flow_style(changed)}`" if changed else ""


def allowed(field: Schema) -> str:
    """Return the values that a key takes, in words."""
    if kinds := kinds_of(field):
        return ", ".join(f"`{kind}`" for kind in kinds)
    field = resolve(field)
    if "anyOf" in field:
        return " or ".join(allowed(option) for option in field["anyOf"])
    if "properties" in field:
        return "a section"
    if "const" in field or "enum" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if "patternErrorMessage" in field:
        return str(field["patternErrorMessage"]).removeprefix("must be ")
    if field["type"] == "array":
        return f"a list{', not empty,' if field.get('minItems') else ''} of {allowed(field['items'])}"
    return " ".join([WORDS[field["type"]], *(f"{word} {field[of]:,}" for of, word in LIMITS.items() if of in field)])


def kinds_by_name() -> dict[str, dict[str, Schema]]:
    """Return the kinds of each setting that has kinds, by the name of its key; not all entries of `models` take all."""
    found: dict[str, dict[str, Schema]] = {}
    for section in SCHEMA["$defs"].values():
        for name, field in section["properties"].items():
            if kinds := kinds_of(field):
                found[name] = found.get(name, {}) | kinds
    return found


def kinds_of(field: Schema) -> dict[str, Schema]:
    """Return the sections that a field takes, by kind; none for a field without kinds."""
    sections: Schema = next((option for option in (field, *field.get("anyOf", ())) if "discriminator" in option), {})
    return {inner["properties"]["kind"]["const"]: inner for inner in map(resolve, sections.get("oneOf", ()))}


def entry_of(field: Schema) -> Schema:
    """Return what stands under each name of a section whose keys are names."""
    (entry,) = field["patternProperties"].values()
    return dict(entry)


def resolve(field: Schema) -> Schema:
    """Return the schema that a reference stands for."""
    return dict(SCHEMA["$defs"][field["$ref"].split("/")[-1]]) if "$ref" in field else field


def sentence(text: str) -> str:
    """Return a description as a sentence."""
    return f"{text[0].upper()}{text[1:]}."


if __name__ == "__main__":
    print(page(), end="")
