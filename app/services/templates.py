"""Templates, kept for good."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from app.errors import Conflict
from app.extensions import db
from app.models import PromptTemplate
from app.models.prompt_manager import PromptManager


def save_template(name: str, text: str) -> PromptTemplate:
    """Commit a new version of a template. Raises InvalidTemplate, or Conflict when raced."""
    try:
        template = PromptManager().save_template(name, text)
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict(f"{name!r} was changed at the same moment; try again.") from error
    return template
