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

Elsewhere = Callable[[], AbstractContextManager[Flask]]


@pytest.fixture
def elsewhere(sqlite_template: Path, tmp_path: Path) -> Elsewhere:
    """Enter the context of one more instance, empty at first, to which exports can go."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "proofsheet.db")

    @contextmanager
    def enter() -> Iterator[Flask]:
        app = create_app(Settings(instance=folder), serves=False)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    return enter


def nothing(_steps: int) -> None:
    """Watch how far something is, and show it to nobody."""
