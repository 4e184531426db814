"""The command line as a whole."""

from __future__ import annotations

import gc
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

import manage as program
from app import __version__
from app.cli import COMMANDS, FOREIGN_COMMANDS
from app.extensions import db
from config import ROOT
from tests.cli.conftest import Run
from tests.processes import environment, manage

# What examples name as files that are there.
FILES = {".jpg", ".png", ".txt", ".csv", ".zip", ".db", ".backup"}
LATER = ("google.genai", "PIL", "dbos", "sqlalchemy", "alembic", "pydantic", "mcp", "anyio")


@cache
def commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in COMMANDS if group is program.cli else group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found[f"{prefix}{name}"] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix}{name} ")
    return found


@pytest.mark.parametrize("name", commands(program.cli))
def test_every_command_has_help_and_leaves_carry_an_example(name: str) -> None:
    command = commands(program.cli)[name]
    assert command.help
    if not isinstance(command, click.Group):
        assert f"Example: python manage.py {name}" in command.help


def examples(name: str) -> list[list[str]]:
    """Return the arguments of each example of a command."""
    text = click.unstyle(commands(program.cli)[name].help or "").replace("\n", " ")
    lines = re.findall(r"Example: python manage\.py (.*?)(?=  |Example:|$)", text)
    return [shlex.split(re.sub(r" [|>] .*", "", line)) for line in lines]


def test_every_example_is_one_that_its_command_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    known = commands(program.cli)
    for arguments in [each for name in known for each in examples(name)]:
        for word in arguments:
            if Path(word).suffix in FILES:
                (tmp_path / word).touch()
        depth = max(n for n in (1, 2) if " ".join(arguments[:n]) in known)
        name = " ".join(arguments[:depth])
        with known[name].make_context(name, arguments[depth:]):
            pass


@pytest.mark.parametrize("name", commands(program.cli))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"manage.py {name}" in (ROOT / "README.md").read_text()


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, manage\n"
        "try: manage.cli(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {LATER} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f"  {name}" in done.stdout for name in {**COMMANDS, **FOREIGN_COMMANDS})


def test_a_command_that_reads_loads_neither_routes_nor_what_migrates_or_draws(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    heavy = ("app.api", "alembic", "google.genai", "PIL", "dbos")
    code = (
        "import sys, manage\n"
        "try: manage.cli(['images', 'list'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(settings.instance, {"DATABASE_URL": settings.database_url}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_garbage_is_looked_for_again_once_all_is_loaded(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFSHEET_INSTANCE", str(instance))
    gc.disable()
    try:
        program.create_app(serves=False)
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()


def test_flask_app_manage_has_alembics_own_commands(instance: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "manage", "alembic", "heads"],
        cwd=ROOT,
        env=environment(instance),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "(head)" in done.stdout


def test_flask_app_manage_does_the_same(laid_out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "manage", "generate", "Mist", "--size", "512"],
        cwd=ROOT,
        env=environment(laid_out),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "Image 1: 512 × 512, sketch-1\n")


def test_flask_app_manage_tells_a_bad_setting_without_a_traceback(instance: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "manage", "images", "list"],
        cwd=ROOT,
        env=environment(instance, {"PROOFSHEET_PORT": "x"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "PROOFSHEET_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_exit_2(run: Run) -> None:
    assert run("imagine").exit_code == 2


def test_a_database_that_is_not_there_is_one_line_and_exit_2(instance: Path) -> None:
    done = manage(instance, "images", "list")
    assert done.returncode == 2
    assert "manage.py up" in done.stderr
    assert done.stderr.count("\n") == 1


def test_db_migrates_by_hand(instance: Path) -> None:
    assert manage(instance, "db", "current").stdout == "absent\n"
    assert manage(instance, "db", "upgrade").stdout == "The database is up to date.\n"
    assert manage(instance, "db", "current").stdout == "current\n"
    assert manage(instance, "images", "list").returncode == 0


def test_db_downgrade_asks_first_and_keeps_a_copy(laid_out: Path) -> None:
    assert manage(laid_out, "db", "downgrade", "base", stdin="y\n").returncode == 2
    assert manage(laid_out, "db", "current").stdout == "current\n"
    done = manage(laid_out, "db", "downgrade", "base", "--yes")
    assert (done.returncode, "A copy is" in done.stdout) == (0, True)
    assert manage(laid_out, "db", "current").stdout == "absent\n"


@pytest.mark.parametrize(
    ("folder", "revision"), [("laid_out", "9999"), ("laid_out", "nonsense"), ("instance", "base")]
)
def test_a_downgrade_that_cannot_be_is_one_line(
    request: pytest.FixtureRequest, folder: str, revision: str
) -> None:
    done = manage(request.getfixturevalue(folder), "db", "downgrade", revision, "--yes")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr


def test_the_version_is_ours() -> None:
    assert CliRunner().invoke(program.cli, ["--version"]).stdout == f"Proofsheet {__version__}\n"


def test_a_database_that_does_not_do_it_is_one_line_and_exit_1(run: Run, app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("ALTER TABLE api_keys RENAME TO elsewhere"))
        db.session.commit()
    done = run("keys", "create", "laptop")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: The database")
    assert done.stderr.count("\n") == 1
