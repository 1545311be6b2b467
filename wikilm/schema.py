"""The JSON schema of params.yaml, with which editors check and complete it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pipeline.settings.params import Params


class _Generator(GenerateJsonSchema):
    """Pydantic's schema without titles, which repeat keys. Names that do not match their pattern are refused."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def normalize_name(self, name: str) -> str:
        return super().normalize_name(name).removesuffix("Section")

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        return {**super().dict_schema(schema), "additionalProperties": False}


def json_schema() -> dict[str, Any]:
    """Return the schema of a whole params.yaml."""
    schema = Params.model_json_schema(schema_generator=_Generator)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "type": "object"}
