"""The JSON schemas of the declared models, and examples of what they describe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

REF = "#/components/schemas/"
_NULL = {"type": "null"}


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class Schemas:
    """What all models of one document share. `components` is the document's own part of it."""

    def __init__(self, models: Iterable[type[BaseModel]]) -> None:
        """Take every model that is named anywhere."""
        wanted = list(dict.fromkeys(models))
        self._refs, definitions = models_json_schema(
            [(model, "validation") for model in wanted],
            ref_template=REF + "{model}",
            schema_generator=_Untitled,
        )
        self.components: dict[str, Any] = definitions["$defs"]
        self._fields: dict[type[BaseModel], dict[str, Any]] = {}

    def of(self, model: type[BaseModel]) -> dict[str, Any]:
        """Return a reference to the schema of a model."""
        return self._refs[model, "validation"]

    def fields(self, query: type[BaseModel]) -> Iterator[tuple[str, dict[str, Any], bool]]:
        """Yield name, schema and whether it is needed, for each parameter of a query.

        Its model is then no component of the document: parameters are listed one by one.
        """
        if query not in self._fields:
            name = self.of(query)["$ref"].removeprefix(REF)
            self._fields[query] = self.components.pop(name)
        schema = self._fields[query]
        for name, each in schema["properties"].items():
            yield name, _not_null(each), name in schema.get("required", ())


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that can be left out, but never be null."""
    schema = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    choices = [each for each in schema.pop("anyOf", []) if each != _NULL]
    if len(choices) == 1:
        return {**choices[0], **schema}
    return {**schema, "anyOf": choices} if choices else schema


def example(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """Return an example of a schema, from those of its fields."""
    if "$ref" in schema:
        return example(components[schema["$ref"].removeprefix(REF)], components)
    for key in ("examples", "const", "default", "enum"):
        if key in schema:
            return schema[key][0] if key in {"examples", "enum"} else schema[key]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], components)
    if schema.get("type") == "array":
        return [example(schema["items"], components)]
    fields = schema.get("properties", {})
    return {name: example(each, components) for name, each in fields.items()}
