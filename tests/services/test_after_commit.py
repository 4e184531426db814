"""What is done after a commit, and not at all without one."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.services.after_commit import after_commit
from tests.models.samples import ON_SQLITE

pytestmark = ON_SQLITE


def begin() -> list[str]:
    """Begin a transaction after which a word is said; return what was said."""
    said: list[str] = []
    db.session.execute(text("SELECT 1"))
    after_commit(lambda: said.append("done"))
    return said


def test_it_is_done_once_with_the_commit(context: Flask) -> None:
    said = begin()
    assert said == []
    db.session.commit()
    assert said == ["done"]
    db.session.execute(text("SELECT 1"))
    db.session.commit()
    assert said == ["done"]


def test_after_a_rollback_it_is_not_done_by_the_next_commit(context: Flask) -> None:
    for undo in (db.session.rollback, db.session.remove):
        said = begin()
        undo()
        db.session.execute(text("SELECT 1"))
        db.session.commit()
        assert said == []


def test_a_savepoint_is_no_commit(context: Flask) -> None:
    said = begin()
    with db.session.begin_nested():
        db.session.execute(text("SELECT 1"))
    assert said == []
    db.session.commit()
    assert said == ["done"]
