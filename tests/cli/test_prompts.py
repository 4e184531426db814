"""`manage.py prompts`."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE, kept_image


@pytest.fixture
def kept(app: Flask) -> None:
    with app.app_context():
        for words in ("A red fox", "a RED fox", "An owl"):
            kept_image(words)


def test_prompts_are_listed_each_once(run: Run, kept: None) -> None:
    heading, *lines = run("prompts", "list", "--sort", "uses").stdout.splitlines()
    assert heading.split()[:2] == ["USES", "IMAGES"]
    assert [line.split()[:2] for line in lines] == [["2", "2"], ["1", "1"]]
    assert lines[0].endswith("a RED fox")
    first = run("prompts", "list", "--limit", "1").stdout.splitlines()
    cursor = first[-1].removeprefix("There are more: --cursor ")
    rest = run("prompts", "list", "--limit", "1", "--cursor", cursor, "--quiet")
    assert (first[1].split()[-1], rest.stdout) == ("owl", "1\n")


def test_prompts_are_found_by_their_words(run: Run, kept: None) -> None:
    [found] = json.loads(run("prompts", "search", "red", "fo", "--json").stdout)
    assert (found["text"], found["uses"], found["newest_image"]) == ("a RED fox", 2, {"id": 2})


def test_one_is_shown_whole_and_others_are_suggested(run: Run, kept: None) -> None:
    assert json.loads(run("prompts", "show", "1", "--json").stdout)["images"] == 2
    assert "images list --prompt-id 1" in run("prompts", "show", "1").stdout
    assert run("prompts", "suggest", "a r", "--quiet").stdout == "1\n"
    assert run("prompts", "show", "9").stderr == "Error: There is no past prompt 9.\n"


@ON_SQLITE
@pytest.mark.parametrize("arguments", [("search",), ("list", "--limit", "101")])
def test_what_cannot_be_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("prompts", *arguments).exit_code == 2
