"""/api/templates: named templates for prompts, in versions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, url_for
from pydantic import Field

from app.api.answers.template import Preview, Template, TemplateHistory, TemplateList
from app.api.auth import requires
from app.api.fields import NewTemplateName, Prompt, TemplateName, Variables
from app.api.fields import TemplateText as Text
from app.api.openapi.declare import Answer, documented
from app.api.validation import Strict
from app.models import PromptTemplate, Role
from app.models.prompt_manager import PromptManager, placeholders
from app.services import templates
from app.services.records import template_record

blueprint = Blueprint("templates", __name__, url_prefix="/templates")


class TemplateText(Strict):
    """A template's words."""

    text: Text = Field(
        description="With {user_input} where the prompt goes, and other plain names in braces for "
        "variables; {{ and }} are literal braces.",
        examples=["A watercolour of {user_input} on {paper} paper"],
    )


class NewTemplate(TemplateText):
    """A template to make."""

    name: NewTemplateName = Field(description="A name that is free.", examples=["watercolour"])


class PreviewBody(Strict):
    """What to fill a template with."""

    prompt: Prompt = Field(description="Your own words.", examples=["a fox"])
    variables: Variables = Field(
        default_factory=dict,
        description="A text for each placeholder of the template, but for user_input.",
        examples=[{"paper": "rough"}],
    )


@blueprint.get("")
@requires(Role.VIEWER)
@documented({200: Answer("The templates.", TemplateList)})
def index() -> Response:
    """Every template in its newest version, by name."""
    return jsonify(items=[_template_json(each) for each in PromptManager().list_templates()])


@blueprint.get("/<name>")
@requires(Role.VIEWER)
@documented({200: Answer("The template.", TemplateHistory)})
def show(name: TemplateName) -> Response:
    """One template with all its versions, the newest first."""
    versions = templates.template_versions(name)
    shown = _template_json(versions[0])
    return jsonify(**shown, versions=[_version_json(each) for each in versions])


@blueprint.post("")
@requires(Role.CREATOR)
@documented(
    {201: Answer("The template.", Template, ("Location",))},
    body=NewTemplate,
    errors=("conflict", "invalid_template"),
)
def create(body: NewTemplate) -> tuple[Response, int, dict[str, str]]:
    """Keep a template under a new name."""
    template = templates.create_template(body.name, body.text)
    return jsonify(_template_json(template)), 201, {"Location": _address(template)}


@blueprint.put("/<name>")
@requires(Role.CREATOR)
@documented(
    {200: Answer("The template in its newest version.", Template)},
    body=TemplateText,
    errors=("conflict", "invalid_template"),
)
def update(name: TemplateName, body: TemplateText) -> Response:
    """Give a template a new version; the old ones stay. The same text makes none."""
    return jsonify(_template_json(templates.update_template(name, body.text)))


@blueprint.delete("/<name>")
@requires(Role.CREATOR)
@documented({204: Answer("It is gone.")})
def delete(name: TemplateName) -> tuple[str, int]:
    """Delete a template with all its versions; what was made with it keeps its words."""
    templates.delete_template(name)
    return "", 204


@blueprint.post("/<name>/preview")
@requires(Role.VIEWER)
@documented(
    {200: Answer("The words.", Preview)},
    body=PreviewBody,
    errors=("invalid_prompt", "invalid_template"),
)
def preview(name: TemplateName, body: PreviewBody) -> Response:
    """Show the words that would be sent, and draw nothing."""
    manager = PromptManager()
    text = manager.get_template(name).text
    filled = manager.fill(text, body.prompt, body.variables)
    return jsonify(final_prompt=filled, placeholders=sorted(placeholders(text)))


def _template_json(template: PromptTemplate) -> dict[str, Any]:
    return {**template_record(template), "links": {"self": _address(template)}}


def _version_json(template: PromptTemplate) -> dict[str, Any]:
    record = template_record(template)
    return {name: record[name] for name in ("version", "text", "created_at")}


def _address(template: PromptTemplate) -> str:
    return url_for("api.templates.show", name=template.name)
