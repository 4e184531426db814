"""The tools as they are listed to assistants: what goes in, what comes out, what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mcp_types import Tool as ListedTool
from mcp_types import ToolAnnotations
from pydantic.json_schema import GenerateJsonSchema
from sqlalchemy.exc import DBAPIError

from app.cli.mcp.tool import Tool
from app.cli.mcp.tools import TOOLS
from app.errors import ProofsheetError
from app.extensions import current_settings
from app.providers.catalog import Model
from app.services.provider_choice import provider_choice


class Plain(GenerateJsonSchema):
    """A schema without titles, which only repeat the names: assistants read all of it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def listed_tools() -> list[ListedTool]:
    """Return all tools; those that draw name the models that draw here."""
    models = _models()
    return [_listed(tool, models) for tool in TOOLS.values()]


def _listed(tool: Tool, models: list[Model]) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=_arguments(tool, models),
        output_schema=tool.answer.model_json_schema(mode="serialization", schema_generator=Plain),
        annotations=ToolAnnotations(
            title=tool.title,
            read_only_hint=not tool.costs,
            # Pictures are added; nothing that was there is changed.
            destructive_hint=False,
            idempotent_hint=not tool.costs,
            # Who draws may be on the internet.
            open_world_hint=tool.costs,
        ),
    )


def _arguments(tool: Tool, models: list[Model]) -> dict[str, Any]:
    schema = tool.arguments.model_json_schema(schema_generator=Plain)
    fields = schema["properties"]
    schema["properties"] = {name: fields[name] for name in sorted(fields, key=_rank(schema))}
    if tool.costs:
        fields["n"]["maximum"] = current_settings().max_images
    if tool.costs and models:
        _add(fields["model"], "Here: " + ", ".join(map(_named, models)))
        _add(fields["aspect_ratio"], "Known: " + _all(each.aspect_ratios for each in models))
        _add(fields["size"], "Known: " + _all(each.sizes for each in models))
    return schema


def _rank(schema: dict[str, Any]) -> Callable[[str], bool]:
    """Return what sorts what must be given before the rest."""
    return lambda name: name not in schema.get("required", ())


def _add(field: dict[str, Any], words: str) -> None:
    field["description"] += f" {words}."


def _named(model: Model) -> str:
    return f"{model.name} (usual)" if model.default else model.name


def _all(choices: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(dict.fromkeys(each for some in choices for each in some))


def _models() -> list[Model]:
    """Return the models of whoever draws; none when nobody can, or that cannot be told just now."""
    choice = provider_choice()
    try:
        active = choice.active()
    except (ProofsheetError, DBAPIError):
        return []
    return [each for each in choice.catalog.models if each.provider == active]
