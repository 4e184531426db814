"""`manage.py images export`, `images import` and `export --all`."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask

from app import create_app
from config import Settings
from tests.cli.conftest import Run, runner
from tests.models.samples import ON_SQLITE, kept_image
from tests.pictures import picture


@pytest.fixture
def serves() -> bool:
    """Nothing here asks by HTTP."""
    return False


@pytest.fixture
def two(app: Flask) -> None:
    """Two images, of which one has a tag."""
    with app.app_context():
        kept_image("A red fox", tags=("best",))
        kept_image("A hare", picture("JPEG"))


@ON_SQLITE
def test_chosen_pictures_go_into_a_zip_with_their_records(
    run: Run, two: None, tmp_path: Path
) -> None:
    target = tmp_path / "out.zip"
    done = run("images", "export", "--tag", "best", "--to", str(target))
    assert done.stdout == f"1 picture, {len(picture())} bytes: {target}\n"
    with ZipFile(target) as packed:
        names = sorted(packed.namelist())
        assert [name[10:] for name in names] == ["-a-red-fox-1.json", "-a-red-fox-1.png"]
        assert json.loads(packed.read(names[0]))["image"]["tags"] == ["best"]
        assert packed.read(names[1]) == picture()
    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == ["out.zip"]


def test_ids_are_exported_and_nothing_is_made_where_there_is_nothing_to_write(
    run: Run, two: None, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    for wanted, code, said in (
        (["--tag", "none"], 1, "Nothing matches"),
        (["2", "9"], 1, "no image 9"),
        (["1", "--tag", "best"], 2, "either ids or"),
    ):
        done = run("images", "export", *wanted, "--to", str(target))
        assert done.exit_code == code
        assert said in done.stderr
        assert not target.exists()
    done = run("images", "export", "2", "--to", str(target / "deep" / "a.zip"))
    assert (done.exit_code, target.exists()) == (2, False)
    assert run("images", "export", "2", "--to", str(target)).exit_code == 0
    assert sorted(each.suffix for each in target.iterdir()) == [".jpg", ".json"]


@ON_SQLITE
def test_what_is_there_is_replaced_only_when_somebody_says_so(
    run: Run, two: None, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    assert run("images", "export", "--to", str(target), "--json").exit_code == 0
    before = sorted(each.name for each in target.iterdir())
    done = run("images", "export", "--to", str(target))
    assert (done.exit_code, "--yes" in done.stderr) == (2, True)
    assert run("images", "export", "--to", str(target), "--yes").exit_code == 0
    assert sorted(each.name for each in target.iterdir()) == before


@ON_SQLITE
def test_an_import_tells_what_it_took_and_what_not(run: Run, two: None, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "new.png").write_bytes(picture(color=(1, 2, 3)))
    (folder / "same.png").write_bytes(picture())
    (folder / "notes.doc").touch()
    done = run("images", "import", str(folder), "--dry-run")
    assert done.stdout.startswith("1 images would be taken in, 1 were here before.\nOf an export,")
    done = run("images", "import", str(folder))
    assert (done.exit_code, done.stdout) == (0, "1 images taken in, 1 were here before.\n")
    assert done.stderr == "Skipped notes.doc: no picture\n"
    (folder / "broken.png").write_bytes(picture()[:60])
    done = run("images", "import", str(folder), "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["images"], told["images_here_before"]) == (1, 0, 2)
    assert [each["is_fault"] for each in told["skipped"]] == [True, False]


@ON_SQLITE
def test_everything_goes_into_a_folder_and_comes_back(run: Run, two: None, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    assert run("export", "--all", str(folder)).stdout.startswith("2 pictures, ")
    assert run("export", "--all", str(folder)).exit_code == 2
    assert "0 images would be" in run("images", "import", str(folder), "--dry-run").stdout
    assert "0 images taken in, 2 were here before" in run("images", "import", str(folder)).stdout


@ON_SQLITE
def test_an_import_tells_which_keys_it_made(run: Run, two: None, tmp_path: Path) -> None:
    run("images", "export", "--tag", "best", "--to", str(tmp_path / "out"))
    [file] = (tmp_path / "out").glob("*.json")
    record = json.loads(file.read_text())
    record["image"] |= {"created_at": "2026-01-01T00:00:00Z", "made_by": "laptop"}
    file.write_text(json.dumps(record))
    done = run("images", "import", str(tmp_path / "out"))
    assert done.stdout == "1 images taken in.\nKeys made, revoked: laptop.\n"


@ON_SQLITE
@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06", b"PK\x06\x06PK\x05\x06" + bytes(18), b"no zip"]
)
def test_what_is_neither_folder_nor_zip_is_one_line_and_exit_2(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    done = run("images", "import", str(tmp_path / "a.zip"))
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "neither a folder nor a zip" in done.stderr


def test_where_there_is_nothing_to_do_no_database_is_made(tmp_path: Path) -> None:
    run = runner(create_app(Settings(instance=tmp_path / "instance"), serves=False))
    (tmp_path / "hostname").write_text("fox")
    (tmp_path / "mine").mkdir()
    for arguments in (
        ("images", "import", str(tmp_path / "hostname")),
        ("images", "import", str(tmp_path / "mine"), "--dry-run"),
        ("demo", "--remove", "--yes"),
    ):
        done = run(*arguments)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert not (tmp_path / "instance").exists()
