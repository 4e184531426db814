"""What tests of exports and imports share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from config import Settings
from tests.conftest import on_server
from tests.shared_work import share_work

Elsewhere = Callable[[], AbstractContextManager[Flask]]


@pytest.fixture
def elsewhere(sqlite_template: Path, tmp_path: Path) -> Elsewhere:
    """Enter the context of one more instance, empty at first, to which exports can go."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "proofsheet.db")
    return entering(Settings(instance=folder))


@pytest.fixture
def on_the_other_kind(
    app: Flask, elsewhere: Elsewhere, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Elsewhere]:
    """Do as `elsewhere`, on PostgreSQL where the test's database is of SQLite."""
    with app.app_context():
        kind = db.engine.name
    if kind == "postgresql":
        yield elsewhere
        return
    databases = request.getfixturevalue("postgresql_databases")
    name = databases.take()
    url = on_server(request.getfixturevalue("postgresql_server"), name)
    yield entering(Settings(instance=tmp_path / "elsewhere", database_url=url))
    databases.give_back(name)


def entering(settings: Settings) -> Elsewhere:
    """Return what enters the context of an app with these settings, again and again."""

    @contextmanager
    def enter() -> Iterator[Flask]:
        app = create_app(settings, serves=False)
        share_work(app)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    return enter


def nothing(_steps: int) -> None:
    """Watch how far something is, and show it to nobody."""
