"""/api/templates: named templates for prompts, in versions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, url_for
from pydantic import Field, StrictStr

from app.api.auth import requires
from app.api.validation import Strict, parse_body
from app.models import PromptTemplate, Role
from app.models.prompt_manager import PromptManager, placeholders
from app.services import templates
from app.services.records import timestamp

blueprint = Blueprint("templates", __name__, url_prefix="/templates")


class TemplateText(Strict):
    """The body of PUT /api/templates/{name}."""

    text: StrictStr


class NewTemplate(TemplateText):
    """The body of POST /api/templates."""

    name: StrictStr


class PreviewBody(Strict):
    """The body of POST /api/templates/{name}/preview."""

    prompt: StrictStr
    variables: dict[StrictStr, StrictStr] = Field(default_factory=dict)


@blueprint.get("")
@requires(Role.VIEWER)
def index() -> Response:
    """Every template in its newest version, by name."""
    return jsonify(items=[_template_json(each) for each in PromptManager().list_templates()])


@blueprint.get("/<name>")
@requires(Role.VIEWER)
def show(name: str) -> Response:
    """One template with all its versions, the newest first."""
    versions = templates.template_versions(name)
    shown = _template_json(versions[0])
    return jsonify(**shown, versions=[_version_json(each) for each in versions])


@blueprint.post("")
@requires(Role.CREATOR)
def create() -> tuple[Response, int, dict[str, str]]:
    """Keep a template under a new name."""
    body = parse_body(NewTemplate)
    template = templates.create_template(body.name, body.text)
    return jsonify(_template_json(template)), 201, {"Location": _address(template)}


@blueprint.put("/<name>")
@requires(Role.CREATOR)
def update(name: str) -> Response:
    """Give a template a new version; the old ones stay. The same text makes none."""
    body = parse_body(TemplateText)
    return jsonify(_template_json(templates.update_template(name, body.text)))


@blueprint.delete("/<name>")
@requires(Role.CREATOR)
def delete(name: str) -> tuple[str, int]:
    """Delete a template with all its versions; what was made with it keeps its words."""
    templates.delete_template(name)
    return "", 204


@blueprint.post("/<name>/preview")
@requires(Role.VIEWER)
def preview(name: str) -> Response:
    """Show the words that would be sent, and draw nothing."""
    body = parse_body(PreviewBody)
    manager = PromptManager()
    text = manager.get_template(name).text
    filled = manager.fill(text, body.prompt, body.variables)
    return jsonify(final_prompt=filled, placeholders=sorted(placeholders(text)))


def _template_json(template: PromptTemplate) -> dict[str, Any]:
    return {
        "name": template.name,
        **_version_json(template),
        "placeholders": sorted(placeholders(template.text)),
        "links": {"self": _address(template)},
    }


def _version_json(template: PromptTemplate) -> dict[str, Any]:
    return {
        "version": template.version,
        "text": template.text,
        "created_at": timestamp(template.created_at),
    }


def _address(template: PromptTemplate) -> str:
    return url_for("api.templates.show", name=template.name)
