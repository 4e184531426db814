"""`manage.py templates`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_template_is_kept_in_versions(run: Run) -> None:
    assert run("templates", "add", "poster", "{user_input}, a poster").exit_code == 0
    done = run("templates", "add", "poster", "{user_input}, a large poster")
    assert done.stdout == "poster is kept, version 2.\n"
    [shown] = json.loads(run("templates", "list", "--json").stdout)
    assert (shown["name"], shown["version"]) == ("poster", 2)
    assert shown["text"] == "{user_input}, a large poster"
    [first] = [json.loads(run("templates", "show", "poster", "--version", "1", "--json").stdout)]
    assert (first["text"], first["placeholders"]) == ("{user_input}, a poster", ["user_input"])
    assert "a large poster" in run("templates", "list").stdout
    assert run("templates", "versions", "poster", "--quiet").stdout == "2\n1\n"
    edited = run("templates", "edit", "poster", "-", "--json", input="{user_input}!\n").stdout
    assert (json.loads(edited)["version"], json.loads(edited)["text"]) == (3, "{user_input}!")


def test_a_template_that_cannot_be_is_refused(run: Run) -> None:
    assert "{user_input}" in run("templates", "add", "poster", "a poster").stderr
    assert run("templates", "add", "a name", "{user_input}").exit_code == 2
    assert run("templates", "add", "poster", "{user_input.x}").exit_code == 2


def test_a_template_is_edited_by_text_or_in_the_editor(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("templates", "add", "poster", "{user_input}, a poster")
    monkeypatch.setenv("EDITOR", "sed -i s/poster/print/")
    monkeypatch.delenv("VISUAL", raising=False)
    unasked = run("templates", "edit", "poster", input="")
    assert (unasked.exit_code, "no editor" in unasked.stderr) == (2, True)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    assert run("templates", "edit", "poster").stdout == "poster is kept, version 2.\n"
    done = run("templates", "edit", "poster", "{user_input}, a print")
    assert done.stdout == "poster is as it was, version 2.\n"
    assert run("templates", "edit", "flyer", "{user_input}").exit_code == 1


def test_a_template_is_filled_and_nothing_is_drawn(run: Run) -> None:
    run("templates", "add", "poster", "-", input="{user_input} in {style}\n")
    filled = ("templates", "render", "poster", "a fox", "--var")
    assert run(*filled, "style=ink").stdout == "a fox in ink\n"
    filled_too = json.loads(run(*filled, "style=ink", "--json").stdout)
    assert filled_too == {"final_prompt": "a fox in ink", "placeholders": ["style", "user_input"]}
    assert "missing: style" in run(*filled, "paper=rough").stderr
    assert run(*filled, "style").exit_code == 2


def test_a_template_is_removed_when_that_is_said(run: Run) -> None:
    run("templates", "add", "poster", "{user_input}, a poster")
    assert run("templates", "remove", "poster").exit_code == 2
    assert run("templates", "remove", "poster", "--yes").stdout == "poster is removed.\n"
    assert run("templates", "remove", "poster", "--yes").exit_code == 1
    assert run("templates", "list", "--quiet").stdout == ""
