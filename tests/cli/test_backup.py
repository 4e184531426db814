"""`backup` and `restore`, at a terminal."""

from __future__ import annotations

import json
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
def test_a_backup_is_put_back(run: Run, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "a backup"
    with app.app_context():
        kept_image("A fox")
        db.engine.dispose()
    done = run("backup", str(file))
    assert (done.exit_code, "with 1 image, checked." in done.stdout) == (0, True)
    assert "are not in it" in done.stderr
    done = run("restore", str(file), "--yes")
    assert (done.exit_code, "back: 1 image." in done.stdout) == (0, True)
    assert "All is well." in done.stdout


@ON_SQLITE
def test_nothing_is_replaced_where_nobody_can_be_asked(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a backup"
    assert run("backup", str(file)).exit_code == 0
    before = file.stat().st_mtime_ns
    assert run("backup", str(file)).exit_code == 2
    assert file.stat().st_mtime_ns == before
    done = run("backup", str(file), "--yes", "--json")
    assert json.loads(done.stdout)["bytes"] == file.stat().st_size
    done = run("restore", str(file))
    assert done.exit_code == 2
    assert "a history of 0 images" in done.stderr


@ON_SQLITE
def test_what_is_no_backup_is_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("no backup")
    done = run("restore", str(file), "--yes")
    assert (done.exit_code, done.stderr) == (2, f"Error: {file} is no backup of Proofsheet.\n")
    done = run("restore", str(tmp_path), "--yes")
    assert (done.exit_code, "is no backup of Proofsheet: it has no" in done.stderr) == (2, True)


@ON_SQLITE
def test_a_folder_is_backed_up_to_again_and_put_back(run: Run, app: Flask, tmp_path: Path) -> None:
    folder = f"{tmp_path / 'backups'}/"
    with app.app_context():
        kept_image("A fox")
        db.engine.dispose()
    written = json.loads(run("backup", folder, "--json").stdout)
    assert (written["images"], written["files"], written["damaged"]) == (1, 2, [])
    assert "1 image; 0 new files of 0 bytes, 0 removed" in run("backup", folder, "--prune").stdout
    next((tmp_path / "backups" / "pictures").rglob("*.png")).unlink()
    done = run("restore", folder, "--yes")
    assert (done.exit_code, "damaged (images 1)." in done.stderr) == (1, True)
    done = run("restore", folder, "--yes", "--incomplete")
    assert (done.exit_code, "image" in done.stdout) == (1, True)  # a picture is missing
