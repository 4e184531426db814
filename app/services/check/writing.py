"""Changes that a repair makes."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult

from app.extensions import db


def change(statement: Any) -> int:
    """Execute a statement, whatever rows the session holds; return how many rows it changed."""
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(cast("CursorResult[Any]", done).rowcount)


def commit(statement: Any) -> int:
    """Do so and commit."""
    changed = change(statement)
    db.session.commit()
    return changed
