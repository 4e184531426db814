"""`manage.py images`."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from flask import Flask

from app.models.image_manager import ImageManager
from app.services import marks
from app.services.marks import change_images
from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE
from tests.pictures import picture


@pytest.fixture
def three(app: Flask) -> None:
    """Three images, of which the last has a long prompt of two lines."""
    data = SimpleNamespace(image=SimpleNamespace(image_bytes=picture("JPEG")))
    with app.app_context():
        for prompt in ("One", "Two", "Three\n" + "and more " * 20):
            ImageManager().add_image(prompt, data)


def test_a_list_is_a_table_newest_first_with_the_total(run: Run, three: None) -> None:
    lines = run("images", "list").stdout.splitlines()
    assert lines[0].split() == ["ID", "CREATED", "(UTC)", "MODEL", "PROMPT"]
    assert [line.split()[0] for line in lines[1:4]] == ["3", "2", "1"]
    assert lines[1].endswith("…")
    assert lines[4] == "Page 1 of 1, 3 in all."


def test_further_pages_and_json(run: Run, three: None) -> None:
    done = run("images", "list", "--page", "2", "--per-page", "2", "--json")
    assert [image["prompt"] for image in json.loads(done.stdout)] == ["One"]


def test_a_filter_narrows_what_is_listed(run: Run, three: None) -> None:
    assert run("images", "list", "-q", "more thr", "--since", "1h", "--quiet").stdout == "3\n"
    assert run("images", "list", "--tag", "sea", "--json").stdout == "[]\n"


@ON_SQLITE
def test_a_list_goes_on_by_its_cursor(run: Run, three: None) -> None:
    wanted = ("images", "list", "--since", "7d", "--quiet", "--limit")
    first = run(*wanted, "2")
    assert first.stdout.split() == ["3", "2"]
    cursor = first.stderr.split("--cursor ")[1].strip()
    rest = run(*wanted, "2", "--cursor", cursor)
    assert (rest.stdout.split(), rest.stderr) == (["1"], "")
    assert "another filter" in run("images", "list", "--cursor", cursor).stderr


def test_an_empty_history_says_so(run: Run) -> None:
    assert "0 in all" in run("images", "list").stdout


def test_one_image_is_shown_with_all_that_is_known(run: Run, three: None) -> None:
    assert "sha256" in run("images", "show", "2").stdout
    assert json.loads(run("images", "show", "2", "--json").stdout)["prompt"] == "Two"


def test_an_unknown_image_is_one_line_and_exit_1(run: Run) -> None:
    done = run("images", "show", "9")
    assert (done.exit_code, done.stderr) == (1, "Error: There is no image 9.\n")


@ON_SQLITE
@pytest.mark.parametrize(
    "options",
    [
        ("--page", "0"),
        ("--per-page", "101"),
        ("--per-page", "x"),
        ("--page", "1", "--limit", "2"),
        ("--json", "--csv"),
        ("--since", "soon"),
        ("-q", "\udcff"),
    ],
)
def test_a_list_that_cannot_be_is_one_line_and_exit_2(run: Run, options: tuple[str, ...]) -> None:
    done = run("images", "list", *options)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


def test_what_a_terminal_would_obey_is_not_printed(run: Run, app: Flask) -> None:
    data = SimpleNamespace(image=SimpleNamespace(image_bytes=picture("JPEG")))
    with app.app_context():
        ImageManager().add_image("a\x1b]0;title\x07 b\u202e c", data)
    for shown in (run("images", "list").stdout, run("images", "show", "1").stdout):
        assert not set(shown) & {"\x1b", "\x07", "\u202e"}


def test_a_purge_counts_first_and_with_yes_it_is_done(run: Run, app: Flask, three: None) -> None:
    with app.app_context():
        change_images([1, 2], marks.delete())
    assert run("images", "purge", "--all").stdout == "2 would be removed for good; --yes does it.\n"
    assert run("images", "purge", "--older-than", "1h", "--yes").stdout.startswith("0 removed")
    assert run("images", "purge", "2", "--yes").stdout.startswith("1 removed for good, ")
    assert run("images", "purge", "--all", "--forget", "--yes").stdout.startswith(
        "1 removed for good, "
    )
    assert "1 in all" in run("images", "list").stdout


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        ((), 2, "Give ids"),
        (("1", "--all"), 2, "Give ids"),
        (("--older-than", "soon"), 2, "7d"),
        (("1", "--yes"), 1, "delete first"),
        (("9", "--yes"), 1, "no image 9"),
    ],
)
def test_a_purge_that_cannot_be_says_why(
    run: Run, three: None, arguments: tuple[str, ...], code: int, hint: str
) -> None:
    done = run("images", "purge", *arguments)
    assert done.exit_code == code
    assert hint in done.stderr
    assert "3 in all" in run("images", "list").stdout
