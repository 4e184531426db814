"""`manage.py check`."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE, kept_image


@pytest.fixture
def serves() -> bool:
    """Commands need no routes."""
    return False


@pytest.fixture
def spoilt(app: Flask) -> None:
    """A picture that is gone, and one whose thumbnails are."""
    with app.app_context():
        gone, plain = kept_image().id, kept_image().id
        db.session.execute(text("DELETE FROM image_blobs WHERE image_id = :id"), {"id": gone})
        db.session.execute(text("DELETE FROM image_thumbnails WHERE image_id = :id"), {"id": plain})
        db.session.commit()


@ON_SQLITE
def test_where_all_is_well_it_says_so(run: Run) -> None:
    done = run("check")
    assert (done.exit_code, done.stdout) == (0, "All is well.\n")
    assert json.loads(run("check", "--json").stdout) == []


@ON_SQLITE
def test_what_is_wrong_is_told_with_what_a_repair_would_do(run: Run, spoilt: None) -> None:
    done = run("check", "--quick")
    assert done.exit_code == 1
    assert "images without their picture" in done.stdout
    assert "drawn anew" in done.stdout
    assert "Restore it from a backup" in done.stdout
    gone, broken, *_ = json.loads(run("check", "--json").stdout)
    assert (gone["kind"], gone["count"], gone["first"], gone["repair"]) == (
        "picture-gone",
        1,
        [1],
        None,
    )
    assert (broken["kind"], broken["mended"]) == ("thumbnails-wrong", 0)


@ON_SQLITE
def test_a_repair_asks_and_mends_what_it_can(run: Run, spoilt: None) -> None:
    asked = run("check", "--repair")
    assert (asked.exit_code, "--yes" in asked.stderr) == (2, True)
    done = run("check", "--repair", "--yes", "--json")
    assert done.exit_code == 1
    assert [(each["kind"], each["mended"]) for each in json.loads(done.stdout)] == [
        ("picture-gone", 0),
        ("thumbnails-wrong", 1),
    ]
    assert run("check", "--quiet").stdout == "picture-gone\n"
