"""Copying a history into an empty database, and going on where that broke off."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import literal, select, text

from app.errors import ConfigurationError, Conflict
from app.extensions import current_settings, db
from app.models import (
    ApiKey,
    Batch,
    Generation,
    Image,
    PastPrompt,
    PromptTemplate,
    SavedSearch,
)
from app.models.transfer import Tell, count, index_words, other_counts, tables, transfer
from app.services.copy.holding import held_still
from app.services.copy.unfinished import is_unfinished, mark_unfinished, mark_whole
from app.services.instance import make_instance, require_idle
from app.services.other_database import require_reachable
from app.services.schema import Schema, inspect_schema, upgrade

_USED = (ApiKey, Batch, Generation, Image, PastPrompt, PromptTemplate, SavedSearch)


def copy_to(target: Flask, tell: Tell = lambda *_: None) -> int:
    """Copy all that the current app's database holds into that of `target`; return the number of rows.

    The target must be empty, or hold what an earlier call copied before it was broken off; until all is
    there nobody can use it. Nobody can write to the source meanwhile. Raises ConfigurationError and
    Conflict, before anything is copied, when that cannot be.
    """
    require_idle(current_settings())
    require_reachable(target)
    db.session.rollback()
    with held_still(db.engine) as source, target.app_context():
        _begin()
        with db.engine.connect() as connection:
            transfer(source, connection, tell)
            index_words(connection)
            if differing := other_counts(source, connection):
                raise Conflict(
                    f"Not all rows of {', '.join(differing)} are in the copy: something else wrote to "
                    "it. Run the same again."
                )
            mark_whole(connection)
            rows = sum(count(connection, table) for table in tables())
        _tidy()
        return rows


def _begin() -> None:
    """Lay the tables, unless they are there already, and mark them as half a copy."""
    if is_unfinished():
        return
    if inspect_schema() is Schema.ABSENT:
        make_instance(current_settings())
    elif (inspect_schema() is Schema.BEHIND) or _has_rows():
        raise ConfigurationError(
            "The database to copy to is not empty. Give one without tables, or empty this one first."
        )
    db.session.rollback()
    upgrade()
    with db.engine.connect() as connection:
        mark_unfinished(connection)


def _has_rows() -> bool:
    """Tell whether anybody has used a database; the migrations themselves leave some counts."""
    one = select(literal(1)).limit(1)
    return any(db.session.scalar(one.select_from(each)) for each in _USED)


def _tidy() -> None:
    """Let PostgreSQL's planner know what came."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
