"""Every setting is given wrong values, made from the schema: each message names the key, in one line of plain words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pydantic
import pytest
from jsonschema import Draft202012Validator

from pipeline.run.errors import UserError
from pipeline.settings.params import Params, validated
from wikilm.schema import json_schema

SCHEMA = json_schema()
PARAMS: dict[str, Any] = {name: {} for name in SCHEMA["properties"]} | {"models": {"gru": {}}}
WRONG: list[Any] = [None, "no such value", " ", 7, 0.5, True, float("inf")]
WRONG += [[], [None], [["text"]], {}, {"no_such_key": 1}, {"a\nb": 1}]
LIMITS = {"minimum": -1, "exclusiveMinimum": 0, "maximum": 1, "exclusiveMaximum": 0}  # what to add to break each
PYDANTIC = ("Input should", "valid dictionary", "should match pattern", "after validation", "should have at least")


class Place(NamedTuple):
    """A key, the kind of the section that it stands in, if that has kinds, and the schema of its value."""

    path: tuple[tuple[str | int, str | None], ...]
    schema: dict[str, Any]

    @property
    def key(self) -> str:
        return ".".join(str(key) for key, _ in self.path)

    def params(self, value: Any) -> dict[str, Any]:
        """A params.yaml with this value at this key."""
        for key, kind in reversed(self.path):
            value = [value] if isinstance(key, int) else {**({"kind": kind} if kind else {}), key: value}
        return {**PARAMS, **value}


def places(schema: dict[str, Any], path: tuple[Any, ...] = (), kind: str | None = None) -> Iterator[Place]:
    """Every key of a section, of the sections within it, and of each of their kinds."""
    if "$ref" in schema:
        yield from places(SCHEMA["$defs"][schema["$ref"].split("/")[-1]], path, kind)
    for option in schema.get("anyOf", ()):
        yield from places(option, path)
    for name, reference in schema.get("discriminator", {}).get("mapping", {}).items():
        yield from places({"$ref": reference}, path, name)
    below: dict[str | int, Any] = dict(schema.get("properties", {}))
    for entry in schema.get("patternProperties", {}).values():
        below["name"] = entry
    if "items" in schema:
        below[0] = schema["items"]
    for key, field in below.items():
        if key != "kind":
            yield Place((*path, (key, kind)), field)
            yield from places(field, (*path, (key, kind)))


def wrong_values(schema: dict[str, Any]) -> list[Any]:
    """Values that a schema refuses: of wrong types, beyond its limits, and blank."""
    options = [schema, *schema.get("anyOf", ())]
    beyond = [option[name] + step for option in options for name, step in LIMITS.items() if name in option]
    accepts = Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
    return [value for value in (*WRONG, *beyond) if not accepts.is_valid(value)]


PLACES = {f"{place.key} {'/'.join(kind for _, kind in place.path if kind)}": place for place in places(SCHEMA)}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_wrong_values_are_refused_in_plain_words(place: Place) -> None:
    values = wrong_values(place.schema)
    assert values
    for value in values:
        params = place.params(value)
        with pytest.raises(UserError) as error:
            validated(params)
        message = str(error.value)
        assert message.startswith(f"params.yaml: {place.key}")
        assert "\n" not in message
        assert not [words for words in (*PYDANTIC, *pydantics_own_words(params)) if words.lower() in message.lower()]


def pydantics_own_words(params: dict[str, Any]) -> list[str]:
    with pytest.raises(pydantic.ValidationError) as error:
        Params.model_validate(params)
    return [problem["msg"] for problem in error.value.errors() if problem["type"] != "value_error"]


def test_every_part_of_the_schema_is_tried() -> None:
    keys = {place.key for place in PLACES.values()}
    assert {"vocabulary.size", "models.name.unit.peepholes", "parity.deep.0", "models.name.start"} <= keys
    assert {"poems.gutenberg.name.0", "poetry_generation.models.name.unit.peepholes", "parity"} <= keys
