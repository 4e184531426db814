"""What tests of the models share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db


@pytest.fixture
def statements(context: Flask) -> Iterator[list[str]]:
    """Every statement that goes to the database; clear the list before what is to be counted."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def serves() -> bool:
    """Nothing here asks by HTTP."""
    return False
