"""`manage.py templates`."""

from __future__ import annotations

import json

from tests.cli.conftest import Run


def test_a_template_is_kept_in_versions(run: Run) -> None:
    assert run("templates", "add", "poster", "{user_input}, a poster").exit_code == 0
    done = run("templates", "add", "poster", "{user_input}, a large poster")
    assert done.stdout == "poster is kept, version 2.\n"
    [shown] = json.loads(run("templates", "list", "--json").stdout)
    assert shown == {"name": "poster", "version": 2, "text": "{user_input}, a large poster"}
    assert "a large poster" in run("templates", "list").stdout


def test_a_template_that_cannot_be_is_refused(run: Run) -> None:
    assert "{user_input}" in run("templates", "add", "poster", "a poster").stderr
    assert run("templates", "add", "a name", "{user_input}").exit_code == 2
    assert run("templates", "add", "poster", "{user_input.x}").exit_code == 2
