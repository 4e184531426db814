"""`manage.py searches`, and what they find."""

from __future__ import annotations

import json

from flask import Flask

from tests.cli.conftest import Run
from tests.models.samples import kept_image


def test_a_search_is_kept_finds_and_is_forgotten(run: Run, app: Flask) -> None:
    with app.app_context():
        for words in ("A red fox", "An owl"):
            kept_image(words)
    run("images", "tag", "1", "2", "--add", "sea")
    kept = run("searches", "save", "foxes", "-q", "fox", "--tag", "sea", "--since", "1d")
    assert kept.stdout == "foxes is kept.\n"
    assert "q=fox  since=2" in run("searches", "list").stdout
    assert "tag=sea" in run("searches", "show", "foxes").stdout
    assert json.loads(run("searches", "show", "foxes", "--json").stdout)["query"]["q"] == ["fox"]
    assert run("images", "list", "--saved", "foxes", "--quiet").stdout == "1\n"
    beside = run("images", "list", "--saved", "foxes", "-q", "owl", "--no-favourite", "--quiet")
    assert beside.stdout == "2\n"
    assert "in place of" in run("searches", "save", "foxes", "--favourite").stdout
    assert json.loads(run("images", "list", "--saved", "foxes", "--json").stdout) == []
    assert run("searches", "remove", "foxes").exit_code == 2
    assert run("searches", "remove", "foxes", "--yes").exit_code == 0
    assert run("images", "list", "--saved", "foxes").exit_code == 1
    assert run("searches", "save", "all").exit_code == 2
