"""`manage.py shares`."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app.errors import Gone
from app.services.proof_sheets import Mark, open_sheet, save_marks
from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE, kept_image

pytestmark = ON_SQLITE


@pytest.fixture(autouse=True)
def pictures(app: Flask) -> None:
    """Three pictures, one of them a favourite."""
    with app.app_context():
        for prompt in ("A fox", "A hare"):
            kept_image(prompt)
        kept_image("An owl", favourite=True)


def test_a_link_is_printed_once_alone_on_stdout(run: Run, app: Flask) -> None:
    done = run("shares", "create", "Animals", "2", "1", "--days", "3", "--greeting", "Hello")
    assert done.exit_code == 0, done.stderr
    link = done.stdout.strip()
    assert link.startswith("http://127.0.0.1:8000/s/")
    token = link.rpartition("/")[2]
    with app.app_context():
        sheet = open_sheet(token)
        save_marks(token, {1: Mark(True, "This one")}, "Ann")
    assert (sheet.title, sheet.greeting, len(sheet.pictures)) == ("Animals", "Hello", 2)
    [listed] = json.loads(run("shares", "list", "--json").stdout)
    assert (listed["picks"], listed["words"], listed["guest"]) == (1, 1, "Ann")
    assert token not in run("shares", "list").stdout
    found = run("images", "list", "--sheet", "1", "--picked", "--quiet").stdout
    assert found == "2\n"


def test_a_filter_says_which_and_a_revoked_link_is_over(run: Run, app: Flask) -> None:
    link = run("shares", "create", "Owls", "--favourite", "--prompts").stdout.strip()
    token = link.rpartition("/")[2]
    with app.app_context():
        assert [each.prompt for each in open_sheet(token).pictures] == ["An owl"]
    assert run("shares", "revoke", "1").exit_code == 2, "nobody can be asked"
    assert run("shares", "revoke", "1", "--yes").stdout == "Owls is revoked.\n"
    with app.app_context(), pytest.raises(Gone):
        open_sheet(token)


def test_what_cannot_be_shared_is_refused(run: Run) -> None:
    assert run("shares", "create", "Animals").exit_code == 2
    assert run("shares", "create", "Animals", "1", "--favourite").exit_code == 2
    assert run("shares", "create", "Animals", "99").exit_code == 1
    assert run("shares", "create", " ", "1").exit_code == 2
    assert run("shares", "revoke", "7", "--yes").exit_code == 1
