"""What tests of copies share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models.transfer import tables
from tests.conftest import on_server
from tests.models.samples import app_with
from tests.services.check.conftest import history, serves

__all__ = ["history", "serves"]

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture
def kind() -> str:
    """The kind of the database to copy to; the other one than the source, unless a test says so."""
    return ""


@pytest.fixture
def target(
    context: Flask, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Flask]:
    """An app on a database to copy to: one without tables on SQLite, with empty ones on PostgreSQL."""
    kind = kind or OTHER[db.engine.dialect.name]
    url = f"sqlite:///{tmp_path / 'copy.db'}"
    name = ""
    if kind == "postgresql":
        databases = request.getfixturevalue("postgresql_databases")
        name = databases.take()
        url = on_server(request.getfixturevalue("postgresql_server"), name)
    with app_with(context.config["SETTINGS"], database_url=url) as app:
        pass
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    if name:
        databases.give_back(name)


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables."""
    with db.engine.connect() as connection:
        return {
            table.name: sorted(
                (dict(row) for row in connection.execute(select(table)).mappings()),
                key=lambda row: [str(row[column.name]) for column in table.primary_key],
            )
            for table in tables()
        }
