"""docs/parameters.md out of what says it already: params.yaml with its comments, and the typed sections with theirs.

python -m tests.parameters > docs/parameters.md
"""

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ruamel.yaml import YAML

from pipeline.run.section import Section
from pipeline.settings import Params
from tests.conftest import ROOT

SCHEMA = Params.model_json_schema()
FILE = ROOT / "params.yaml"
VALUES = YAML(typ="safe").load(FILE)
HEAD = """# Every setting

`python -m tests.parameters > docs/parameters.md` writes this page from `params.yaml` with its comments and from the
typed sections in `pipeline/settings/`; a test holds it to both. Every key is required: what stands under "as it
comes" is the value in the project's `params.yaml`, not a default. `wikilm check` says whether your file is in order.
"""

Row = tuple[str, str, str, str]  # key, as it comes, allowed, meaning


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for name, section in SCHEMA["properties"].items() for line in part(name, section))])


def part(name: str, section: dict[str, Any]) -> Iterator[str]:
    """A top-level section: its heading, what it is, and a table of its keys; of language models one for each kind."""
    yield from (f"## `{name}`", "")
    if "$ref" in section:
        yield from (resolve(section)["description"], "", *table(rows("", section, VALUES[name], name)))
        return
    for kind, of_kind in kinds(entry_of(section)).items():
        example = next(key for key, entry in VALUES[name].items() if entry["kind"] == kind)
        yield from (f"### `kind: {kind}`", "", f"{of_kind['description']} As it comes: `{example}`.", "")
        yield from table(rows("", of_kind, VALUES[name][example], f"{name}.{example}"))


def table(found: Iterable[Row]) -> Iterator[str]:
    """Markdown of some rows."""
    yield from ("| key | as it comes | allowed | meaning |", "|---|---|---|---|")
    yield from ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in found)
    yield ""


def rows(prefix: str, section: dict[str, Any], values: Any, place: str) -> Iterator[Row]:
    """The keys of a section and of all within it, in the order of params.yaml, where it is at `place`."""
    section, order = resolve(section), list(values)
    for key in sorted(section["properties"], key=order.index):
        meaning = COMMENTS.get(f"{place}.{key}") or NOTES.get((section["title"], key), "")
        yield from row(f"{prefix}{key}", resolve(section["properties"][key]), values[key], f"{place}.{key}", meaning)


def row(key: str, field: dict[str, Any], value: Any, place: str, meaning: str) -> Iterator[Row]:
    """A key: itself, or what it holds where that is a section."""
    if "properties" in field:
        yield f"`{key}`", "", "a section", meaning or field["description"]
        yield from rows(f"{key}.", field, value, place)
    elif "discriminator" in field:
        yield f"`{key}`", shown(value), "one of these sections", meaning
        for kind, section in kinds(field).items():
            keys = {name: allowed(of) for name, of in section["properties"].items() if name != "kind"}
            inside = ", ".join([f"kind: {kind}", *(f"{name}: {values}" for name, values in keys.items())])
            yield "", "", f"{{{inside}}}", section["description"]
    elif "patternProperties" in field:
        entry = entry_of(field)
        yield f"`{key}.NAME`", "", "a section" if "properties" in entry else allowed(entry), meaning
    else:
        choices = {str(choice) for choice in field.get("enum", ())}
        repeats = {word.strip() for word in meaning.split("|")} == choices  # what `allowed` says already
        yield f"`{key}`", shown(value), allowed(field), "" if repeats else meaning


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    found: dict[str, Any] = SCHEMA["$defs"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
    return found


def entry_of(schema: dict[str, Any]) -> dict[str, Any]:
    """What stands under each name of a section whose keys are names."""
    (entry,) = schema["patternProperties"].values()
    return resolve(entry)


def kinds(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By its kind each section that may stand there."""
    return {section["properties"]["kind"]["const"]: section for section in map(resolve, schema["oneOf"])}


def allowed(schema: dict[str, Any]) -> str:
    """What values a key takes, in words."""
    schema = resolve(schema)
    if "anyOf" in schema:
        return " or ".join(allowed(each) for each in schema["anyOf"])
    if "properties" in schema:
        return "{" + ", ".join(f"{key}: {allowed(field)}" for key, field in schema["properties"].items()) + "}"
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        return f"a list{', not empty,' if schema.get('minItems') else ''} of {allowed(schema['items'])}"
    words = {"boolean": "`true`, `false`", "string": "text", "integer": "integer", "number": "number", "null": "`null`"}
    limits = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    return " ".join([words[schema["type"]], *(f"{word} {schema[of]:,}" for of, word in limits.items() if of in schema)])


def shown(value: Any) -> str:
    """A value as params.yaml would have it in one line."""
    return f"`{json.dumps(value, ensure_ascii=False).replace(chr(34), '')}`"


def comments() -> dict[str, str]:
    """By dotted key the comment behind it in params.yaml."""
    found: dict[str, str] = {}
    parents: list[str] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"( *)([\w-]+):.*?(?:\s# (.*))?$", line):
            indent, key, comment = match.groups()
            parents = [*parents[: len(indent) // 2], key]
            if comment:
                found[".".join(parents)] = comment
    return found


def notes(section: type[Section]) -> dict[tuple[str, str], str]:
    """By section and key the comment behind the key in pipeline/settings, for all sections below this one."""
    found: dict[tuple[str, str], str] = {}
    for below in section.__subclasses__():
        written = "\n".join(inspect.getsource(each) for each in below.__mro__ if issubclass(each, Section))
        for key, comment in re.findall(r"^    (\w+): .*?  # (.*)$", written, re.MULTILINE):
            found.setdefault((below.__name__, key), comment)
        found |= notes(below)
    return found


COMMENTS, NOTES = comments(), notes(Section)

if __name__ == "__main__":
    print(page(), end="")
