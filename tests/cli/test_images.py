"""`manage.py images`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from app.models.image_manager import ImageManager
from app.services import marks
from app.services.marks import change_images
from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE, kept_image
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
    assert run("images", "list", "--tag", "sea", "--csv").stdout.startswith("id,prompt,created_at,")


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
    unasked = run("images", "purge", "--all")
    assert (unasked.exit_code, "2 would be removed for good" in unasked.stderr) == (2, True)
    assert run("images", "purge", "--older-than", "1h", "--yes").stdout.startswith("0 removed")
    assert run("images", "purge", "2", "--yes").stdout.startswith("1 removed for good, ")
    done = run("images", "purge", "-q", "one", "--forget", "--yes", "--json")
    assert json.loads(done.stdout)["purged"] == 1
    for nothing in (("--all",), ("-q", "one")):
        done = run("images", "purge", *nothing)
        assert (done.exit_code, "nothing to remove" in done.stdout) == (0, True)
    assert "1 in all" in run("images", "list").stdout


def test_pictures_are_deleted_and_brought_back(run: Run, three: None) -> None:
    unasked = run("images", "delete", "1", "2")
    assert (unasked.exit_code, "2 would be deleted" in unasked.stderr) == (2, True)
    assert run("images", "delete", "1", "2", "--yes").stdout == "2 deleted.\n"
    assert run("images", "list", "--quiet").stdout == "3\n"
    assert run("images", "list", "--deleted", "only", "--quiet").stdout == "2\n1\n"
    assert run("images", "restore", "-q", "two", "--yes").stdout == "1 restored.\n"
    assert run("images", "restore", "1", "2").stdout == "1 restored, 1 were so already.\n"


def test_marks_are_put_on_by_ids_and_by_a_filter(run: Run, three: None) -> None:
    assert run("images", "tag", "1", "2", "--add", "sea", "--add", "Dusk").exit_code == 0
    unasked = run("images", "favourite", "--tag", "sea")
    assert (unasked.exit_code, "Of 2 that this means, 2 would" in unasked.stderr) == (2, True)
    assert run("images", "favourite", "--tag", "sea", "--yes").stdout == "2 changed.\n"
    done = run("images", "favourite", "1", "3", "--off", "--csv")
    assert done.stdout == "matched,changed\n2,1\n"
    run("images", "tag", "--no-favourite", "--add", "sky", "--remove", "dusk", "--yes")
    run("images", "project", "2", "--name", "acme")
    run("images", "note", "2", "for the cover")
    found = json.loads(run("images", "list", "--json").stdout)
    assert [each["tags"] for each in found] == [["sky"], ["Dusk", "sea"], ["sea", "sky"]]
    assert [each["favourite"] for each in found] == [False, True, False]
    assert (found[1]["project"], found[1]["note"]) == ("acme", "for the cover")


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("delete",), 2),
        (("delete", "1", "--tag", "sea"), 2),
        (("delete", "--deleted", "only", "--yes"), 2),
        (("tag", "1"), 2),
        (("tag", "1", "--add", ""), 2),
        (("favourite", "9"), 1),
        (("note", "9", "x"), 1),
        (("lineage", "9"), 1),
        (("purge", "--all", "--tag", "sea"), 2),
    ],
)
def test_a_change_that_cannot_be_is_one_line(
    run: Run, three: None, arguments: tuple[str, ...], code: int
) -> None:
    done = run("images", *arguments)
    assert (done.exit_code, done.stderr.count("\n")) == (code, 1)


def test_files_are_kept_and_what_is_no_picture_is_told(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "Sea at dusk.png", tmp_path / "bad.png"
    good.write_bytes(picture("PNG"))
    bad.write_bytes(b"no picture")
    done = run("images", "add", str(bad), str(good), "--tag", "sea", "--json")
    assert (done.exit_code, "bad.png: " in done.stderr) == (1, True)
    [kept] = json.loads(done.stdout)
    assert (kept["prompt"], kept["source"], kept["tags"]) == ("Sea at dusk", "upload", ["sea"])


def test_the_lineage_is_told_from_the_oldest_on(run: Run, app: Flask) -> None:
    with app.app_context():
        kept_image("One")
        kept_image("Two", parents=(1,))
        kept_image("Three", parents=(2,))
    told = json.loads(run("images", "lineage", "2", "--json").stdout)
    assert [(each["lineage"], each["id"]) for each in told] == [
        ("ancestor", 1),
        ("itself", 2),
        ("descendant", 3),
    ]


@ON_SQLITE
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other viewers")
def test_a_picture_is_saved_and_opened_in_the_systems_viewer(
    run: Run,
    three: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    viewer = tmp_path / "xdg-open"
    viewer.write_text(
        f"#!/bin/sh\necho xdg-open: no method >&2\n/bin/cp \"$1\" '{tmp_path}/seen'\n"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    done = run("images", "show", "1", "--open")
    assert (done.exit_code, "No viewer" in done.stderr) == (1, True)
    viewer.chmod(0o700)
    done = run("images", "show", "1", "--open", "--out", str(tmp_path / "out"), "--quiet")
    assert (done.exit_code, done.stdout) == (0, "1\n")
    assert Path(done.stderr.strip()).name == "one-1.jpg"
    assert (tmp_path / "out/one-1.jpg").read_bytes() == (tmp_path / "seen").read_bytes()
    assert "no method" not in capfd.readouterr().err


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        ((), 2, "Give ids"),
        (("1", "--all"), 2, "Give ids"),
        (("--older-than", "soon"), 2, "7d"),
        (("1", "--yes"), 1, "delete first"),
        (("1",), 1, "delete first"),
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
