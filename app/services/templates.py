"""Templates, kept until they are deleted."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, InvalidTemplate
from app.extensions import current_settings, db
from app.models import PromptTemplate
from app.models.prompt_manager import PromptManager


def save_template(name: str, text: str) -> PromptTemplate:
    """Commit a new version of a template. Raises InvalidTemplate, or Conflict when raced."""
    template = _add_version(name, text)
    db.session.commit()
    return template


def create_template(name: str, text: str) -> PromptTemplate:
    """Commit a template of a new name. Raises InvalidTemplate, or Conflict when there is one."""
    template = _add_version(name, text)
    if template.version != 1:
        db.session.rollback()
        raise Conflict(f"There is a template {name!r} already; PUT gives it a new version.")
    db.session.commit()
    return template


def update_template(name: str, text: str, seen: int | None = None) -> PromptTemplate:
    """Commit a new version of a template that is there; the same text makes none.

    `seen` is the version that it was written from: with it, what another wrote meanwhile is not
    passed over. Raises NotFound, InvalidTemplate, or Conflict.
    """
    newest = PromptManager().get_template(name)
    if seen not in {None, newest.version}:
        raise Conflict(
            f"{name!r} has version {newest.version} by now, and this was written from {seen}."
        )
    return newest if newest.text == text else save_template(name, text)


def delete_template(name: str) -> None:
    """Delete all versions and commit; generations keep the words they had. Raises NotFound."""
    PromptManager().get_template(name)
    db.session.execute(delete(PromptTemplate).where(PromptTemplate.name == name))
    db.session.commit()


def template_versions(name: str) -> list[PromptTemplate]:
    """Return every version of a template, the newest first. Raises NotFound."""
    newest = PromptManager().get_template(name)
    older = select(PromptTemplate).where(
        PromptTemplate.name == name, PromptTemplate.version < newest.version
    )
    return [newest, *db.session.scalars(older.order_by(PromptTemplate.version.desc()))]


def check_length(text: str) -> None:
    """Raise InvalidTemplate for a text that is longer than a prompt may be."""
    longest = current_settings().max_prompt_characters
    if len(text) > longest:
        raise InvalidTemplate(f"A template has {longest:,} characters at the most.", field="text")


def _add_version(name: str, text: str) -> PromptTemplate:
    check_length(text)
    try:
        return PromptManager().save_template(name, text)
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict(f"{name!r} was changed at the same moment; try again.") from error
