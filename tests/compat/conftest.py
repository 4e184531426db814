"""What tests of other services' wires share: a running server that real clients ask, one a module."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from config import Settings
from tests.conftest import dispose, hide_settings, key_of_each
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.jobs import install_jobs
from tests.shared_work import share_work
from tests.site import Site, serve


@pytest.fixture
def make_app(make_app: Callable[..., Flask]) -> Callable[..., Flask]:
    """Make an app whose jobs are done by threads."""

    def make(**changes: Any) -> Flask:
        app = make_app(**changes)
        install_jobs(app)
        return app

    return make


@contextmanager
def running(folder: Path, template: Path, **changes: Any) -> Iterator[Site]:
    """Serve an app on a database of its own while inside."""
    shutil.copyfile(template, folder / "proofsheet.db")
    with pytest.MonkeyPatch.context() as monkeypatch:
        hide_settings(monkeypatch)
        app = create_app(Settings.model_validate({"instance": folder, **changes}))
        share_work(app)
        install_jobs(app)
        with serve(app, key_of_each(app)) as site:
            yield site
        dispose(app)


@pytest.fixture(scope="module")
def sketching(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that sketches."""
    with running(tmp_path_factory.mktemp("sketching"), sqlite_template) as site:
        yield site


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeGemini]:
    """The fake Gemini behind `drawing`."""
    with FakeGemini() as server:
        yield server


@pytest.fixture(scope="module")
def drawing(
    upstream: FakeGemini, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A server that draws with the fake Gemini."""
    folder = tmp_path_factory.mktemp("drawing")
    changes = {"gemini_api_key": "the-key-of-the-upstream", "gemini_base_url": upstream.url}
    with running(folder, sqlite_template, **changes) as site:
        yield site
