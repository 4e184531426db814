"""`copy`, at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE, kept_image


@pytest.fixture
def serves() -> bool:
    """Commands need no routes."""
    return False


@ON_SQLITE
def test_everything_is_copied_and_looked_at(run: Run, app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        kept_image("A fox")
        db.engine.dispose()
    done = run("copy", "--to", "-", input=f"sqlite:///{tmp_path / 'copy.db'}\n")
    assert (done.exit_code, "All is well." in done.stdout) == (0, True)
    again = run("copy", "--to", f"sqlite:///{tmp_path / 'copy.db'}")
    assert (again.exit_code, "is not empty" in again.stderr) == (2, True)


@ON_SQLITE
def test_what_cannot_be_reached_is_told_of_the_target(run: Run) -> None:
    done = run("copy", "--to", "postgresql://ann@127.0.0.1:1/pictures")
    assert (done.exit_code, "address given with --to" in done.stderr) == (2, True)


@ON_SQLITE
@pytest.mark.parametrize("url", ["postgresql://a:secret@h/n", "postgresql://a@h/n?password=secret"])
def test_a_password_is_no_argument(run: Run, url: str) -> None:
    done = run("copy", "--to", url)
    assert (done.exit_code, "--to -" in done.stderr, "secret" in done.stderr) == (2, True, False)


@ON_SQLITE
def test_what_is_no_address_is_one_line(run: Run) -> None:
    done = run("copy", "--to", "mysql://nowhere/secret")
    assert (done.exit_code, done.stderr.count("\n"), "secret" in done.stderr) == (2, 1, False)
