"""/templates: named templates in versions, and what they come to while they are being written.

A template's name begins with a letter or a digit, so that what begins with a dash is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from flask import Blueprint, Response, redirect, request, url_for

from app.errors import Conflict, InvalidTemplate
from app.models import Role
from app.models.prompt_manager import PromptManager
from app.models.template_use import template_uses
from app.services import templates
from app.services.template_preview import as_written, preview_template
from app.web.door import needs, wants_fragment
from app.web.rendering import page
from app.web.texts import TEXT
from app.web.texts import told as told_in

blueprint = Blueprint("templates", __name__, url_prefix="/templates")
# How the fields of variables are called, so that none is taken for one of the others.
VARIABLE = "variable."


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as its form has it; `version` is what it was written from, 0: it is new."""

    text: str
    name: str = ""
    version: int = 0
    user_input: str = field(default_factory=lambda: str(TEXT.templates.sample))
    variables: dict[str, str] = field(default_factory=dict)


@blueprint.get("")
@needs(Role.VIEWER)
def index() -> Response:
    """Every template in its newest version, by name, with the newest picture of each."""
    found = PromptManager().list_templates()
    return page(
        "templates/index.html",
        templates=found,
        uses=template_uses(each.name for each in found),
        as_written=as_written,
        told=_told(),
    )


@blueprint.get("/-/new")
@needs(Role.CREATOR)
def new() -> Response:
    """An empty form."""
    return _form(Draft(str(TEXT.templates.start)))


@blueprint.post("")
@needs(Role.CREATOR)
def create() -> Response:
    """Keep a template under a new name."""
    draft = _draft()
    try:
        made = templates.create_template(draft.name, draft.text)
    except InvalidTemplate as error:
        return _form(draft, 422, problem=str(error), wrong=error.field)
    except Conflict:
        return _form(draft, 409, problem=TEXT.templates.taken, wrong="name")
    return _to("show", "created", name=made.name)


@blueprint.get("/<name>")
@needs(Role.VIEWER)
def show(name: str) -> Response:
    """One template with its versions; for who may change it, a form with the newest or an older."""
    versions = templates.template_versions(name)
    wanted = request.args.get("version", type=int)
    chosen = next((each for each in versions if each.version == wanted), versions[0])
    return _form(Draft(chosen.text, name, versions[0].version), versions=versions, shown=chosen)


@blueprint.post("/<name>")
@needs(Role.CREATOR)
def update(name: str) -> Response:
    """Give a template a new version."""
    draft = _draft(name)
    try:
        templates.update_template(name, draft.text, draft.version)
    except InvalidTemplate as error:
        return _form(draft, 422, problem=str(error), wrong=error.field)
    except Conflict:
        return _form(draft, 409, problem=TEXT.templates.changed, wrong="text")
    return _to("show", "changed", name=name)


@blueprint.get("/<name>/delete")
@needs(Role.CREATOR)
def ask_to_delete(name: str) -> Response:
    """Ask whether all of a template shall go."""
    return page("templates/delete.html", versions=templates.template_versions(name))


@blueprint.post("/<name>/delete")
@needs(Role.CREATOR)
def delete(name: str) -> Response:
    """Delete a template with all its versions."""
    templates.delete_template(name)
    return _to("index", "deleted")


@blueprint.post("/-/preview")
@needs(Role.VIEWER)
def preview() -> Response:
    """What a form comes to: for scripts that alone, else the form with it. Nothing is kept."""
    draft = _draft()
    if wants_fragment():
        return page("templates/_try.html", draft=draft, preview=_preview_of(draft))
    return _form(draft)


def _form(draft: Draft, status: int = 200, **more: Any) -> Response:
    versions = more.pop("versions", None)
    if versions is None:
        versions = templates.template_versions(draft.name) if draft.version else []
    context: dict[str, Any] = {"problem": None, "wrong": None, "shown": None, **more}
    return page(
        "templates/show.html",
        status,
        draft=draft,
        preview=_preview_of(draft),
        versions=versions,
        as_written=as_written,
        told=_told(),
        **context,
    )


def _draft(name: str | None = None) -> Draft:
    """Return what the form holds. Browsers send line ends as two characters."""
    form = request.form
    return Draft(
        text=form.get("text", "").replace("\r\n", "\n"),
        name=form.get("name", "").strip() if name is None else name,
        version=max(0, form.get("version", 0, type=int)),
        user_input=form.get("user_input", "").replace("\r\n", "\n"),
        variables={
            key.removeprefix(VARIABLE): value
            for key, value in form.items()
            if key.startswith(VARIABLE)
        },
    )


def _preview_of(draft: Draft) -> Any:
    return preview_template(draft.text, draft.user_input, draft.variables)


def _told() -> str | None:
    """Return what a form has just done, in words."""
    return told_in(TEXT.templates.told, request.args.get("told", ""))


def _to(view: str, told: str, **values: Any) -> Response:
    return cast(Response, redirect(url_for(f"web.templates.{view}", told=told, **values), 303))
