"""A backup in a file: consistent, checked, and put back."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from stat import S_IMODE
from threading import Event

import psycopg
import pytest
from flask import Flask
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine, select, text

from app.errors import ConfigurationError, InvalidInput, ProofsheetError
from app.extensions import db
from app.models import Image, ImageBlob, Status, Worker
from app.services import marks
from app.services.backup import postgresql_dump
from app.services.backup.restoring import look_at, restore, what_is_there
from app.services.backup.taking import back_up
from app.services.marks import Marks, change_images
from app.services.schema import downgrade, require_current
from tests.models.samples import ON_SQLITE, app_with, generation, kept_image, one_of_each
from tests.pictures import picture
from tests.services.check.conftest import look

ROOT = Path(__file__).parents[3]
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a backup is to be written."""
    return tmp_path / "a backup"


def prompts() -> list[str]:
    found = list(db.session.scalars(select(Image.prompt).order_by(Image.id)))
    db.session.rollback()
    return found


def test_what_was_backed_up_is_there_again(context: Flask, file: Path) -> None:
    kept_image("A fox")
    one_of_each()
    before = prompts()
    back_up(file)
    kept_image("A heron")
    look_at(file)
    assert what_is_there() == f"a history of {len(before) + 1} images"
    done = restore(file)
    assert prompts() == before
    assert done.facts.images == len(before)
    assert kept_image("A heron").id == len(before) + 1
    require_current()


def test_it_is_for_its_owner_alone_and_nothing_lies_beside_it(context: Flask, file: Path) -> None:
    back_up(file)  # an older one
    back_up(file)
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir() if each.name != "instance"] == [file.name]


def test_under_eight_writers_it_holds_all_that_was_there_when_it_was_begun(
    context: Flask, file: Path
) -> None:
    stop = Event()
    kept: list[int] = []

    def write(number: int) -> None:
        with context.app_context():
            while not stop.is_set() and len(kept) < 500:
                image = kept_image(f"Fox {number}").id
                change_images([image], marks.put(Marks(favourite=True, tags=["fox"])))
                if image % 3 == 0:
                    change_images([image], marks.delete())
                kept.append(image)

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, number) for number in range(8)]
        try:
            while len(kept) < 20 and not any(writer.done() for writer in writers):
                stop.wait(0.01)
            acknowledged = set(kept)
            back_up(file)
        finally:
            stop.set()
    for writer in writers:
        writer.result()
    assert len(acknowledged) >= 20
    db.session.rollback()
    restore(file)
    assert acknowledged <= set(db.session.scalars(select(Image.id)))
    assert look() == {}


def test_what_was_drawn_when_it_was_taken_goes_on_at_once(context: Flask, file: Path) -> None:
    generation(status=Status.RUNNING)
    db.session.add(Worker(name="one", token="0" * 26))
    db.session.commit()
    back_up(file)
    assert restore(file).facts.unended == 1
    assert db.session.scalars(select(Worker)).all() == []


def test_one_that_is_cut_short_is_refused(context: Flask, file: Path) -> None:
    kept_image(data=picture())
    back_up(file)
    file.write_bytes(file.read_bytes()[:-4_000])
    with pytest.raises(ProofsheetError):
        look_at(file)


@ON_SQLITE
@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and no more", b"PGDMP", b"\x89PNG"])
def test_what_is_no_backup_is_refused(context: Flask, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ProofsheetError):
        look_at(file)


@ON_SQLITE
def test_what_was_there_is_kept_in_a_file_beside_it(context: Flask, file: Path) -> None:
    back_up(file)
    kept_image("A heron")
    before = restore(file).before
    assert before is not None
    assert S_IMODE(before.stat().st_mode) == 0o600
    with closing(sqlite3.connect(before)) as connection:
        assert connection.execute("SELECT prompt FROM images").fetchall() == [("A heron",)]


@ON_SQLITE
def test_a_damaged_database_can_be_replaced(context: Flask, file: Path, instance: Path) -> None:
    kept_image("A fox")
    back_up(file)
    db.session.remove()
    db.engine.dispose()
    (instance / "proofsheet.db").write_bytes(b"no database" * 1_000)
    assert what_is_there() == "a database that cannot be used"
    restore(file)
    assert prompts() == ["A fox"]


def test_nothing_is_restored_while_others_use_the_database(
    context: Flask, make_app: Callable[..., Flask], file: Path
) -> None:
    kept_image("A fox")
    back_up(file)
    with make_app().app_context():
        assert prompts() == ["A fox"]  # its connection stays open
        with context.app_context(), pytest.raises(ConfigurationError, match="in use"):
            restore(file)
    assert prompts() == ["A fox"]


@ON_SQLITE
def test_one_of_an_older_version_is_brought_up_to_date(context: Flask, file: Path) -> None:
    kept_image("A fox")
    back_up(file)
    with app_with(context.config["SETTINGS"], database_url=f"sqlite:///{file}"):
        downgrade("0016").unlink()
    assert look_at(file).revision == "0016"
    restore(file)
    require_current()
    assert prompts() == ["A fox"]


@ON_SQLITE
def test_one_of_a_newer_version_is_refused(context: Flask, file: Path) -> None:
    back_up(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(ConfigurationError, match="newer"):
        look_at(file)


@ON_SQLITE
def test_one_of_the_other_kind_of_database_is_refused(context: Flask, file: Path) -> None:
    file.write_bytes(b"PGDMP")
    with pytest.raises(InvalidInput, match="copy --to"):
        look_at(file)


@ON_SQLITE
def test_the_database_itself_is_no_place_for_a_backup(context: Flask, instance: Path) -> None:
    with pytest.raises(ConfigurationError, match="itself"):
        back_up(instance / "proofsheet.db")


@ON_SQLITE
@pytest.mark.parametrize("name", ["proofsheet.db-wal", "secret", "another.db", "letter"])
def test_a_file_that_is_no_backup_is_not_replaced(
    context: Flask, instance: Path, name: str
) -> None:
    with closing(sqlite3.connect(instance / "another.db")) as connection:
        connection.execute("CREATE TABLE another (id)")
    (instance / "letter").write_text("Dear")
    before = {each.name for each in instance.iterdir()}
    with pytest.raises(ConfigurationError, match=r"another name|Remove it first"):
        back_up(instance / name)
    assert {each.name for each in instance.iterdir()} == before


def test_one_with_a_damaged_picture_is_not_restored_unasked(context: Flask, file: Path) -> None:
    number = kept_image("A fox").id
    db.session.get_one(ImageBlob, number).data = b"rotten"
    db.session.commit()
    lost = back_up(file).lost
    kept_image("A heron")
    if context.config["SETTINGS"].sqlite_file:
        assert lost == look_at(file).lost == (number,)
    else:
        with pytest.raises(ProofsheetError, match=f"pictures of images {number} are damaged"):
            restore(file)
        assert prompts() == ["A fox", "A heron"]
    restore(file, incomplete=True)
    assert prompts() == ["A fox"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@ON_SQLITE
def test_a_database_that_may_not_be_read_is_no_damaged_one(
    context: Flask, file: Path, instance: Path
) -> None:
    back_up(file)
    db.session.remove()
    db.engine.dispose()
    (instance / "proofsheet.db").chmod(0)
    with pytest.raises(ConfigurationError, match="may not be read"):
        require_current()
    with pytest.raises(ConfigurationError, match="may not be read"):
        restore(file)


@ON_POSTGRESQL
def test_without_pg_dump_it_is_told_what_to_install(
    context: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigurationError, match=r"pg_dump is not there.*postgresql-client"):
        back_up(file)
    assert not file.exists()


@ON_POSTGRESQL
def test_what_fails_half_way_changes_nothing(context: Flask, file: Path, database_url: str) -> None:
    kept_image("A fox")
    db.session.execute(text("CREATE TABLE another (id int)"))
    db.session.commit()
    back_up(file)  # with the table, which a restore leaves alone
    with pytest.raises(ProofsheetError, match=r'Nothing was restored.*"another" already exists'):
        restore(file)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT prompt FROM images").fetchall() == [("A fox",)]


@ON_POSTGRESQL
def test_a_restore_that_is_killed_half_way_changes_nothing(
    context: Flask,
    file: Path,
    database_url: str,
    instance: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept_image("A fox", data=picture())
    back_up(file)
    kept_image("A heron")
    db.session.remove()
    db.engine.dispose()
    # It ends whoever reads what it writes, in the midst of the pictures.
    program = file.parent / "programs" / "pg_restore"
    program.parent.mkdir()
    program.write_text(_DEADLY.format(real=shlex.quote(str(shutil.which("pg_restore")))))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PROOFSHEET_INSTANCE", str(instance))
    # All hold its output, which ends when psql has ended too.
    restoring = [sys.executable, str(ROOT / "manage.py"), "restore", str(file), "--yes"]
    done = subprocess.run(restoring, stdout=subprocess.PIPE, check=False)
    assert done.returncode == -signal.SIGKILL
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT prompt FROM images ORDER BY id").fetchall()
    assert found == [("A fox",), ("A heron",)]


_DEADLY = """#!/bin/sh
case "$*" in
*--file=-*) {real} "$@" | sed '/^COPY .*image_blobs/,$ {{ n; q; }}'; sleep 0.1; kill -9 $PPID;;
*) exec {real} "$@";;
esac
"""


def test_the_password_is_no_argument_of_a_program() -> None:
    url = "postgresql+psycopg://ann:se%3Acret@db.example:5433/pictures?sslmode=require"
    engine = create_engine(url)
    place = {"host": "db.example", "port": "5433", "dbname": "pictures"}
    told = conninfo_to_dict(postgresql_dump.address(engine))
    assert told == {**place, "user": "ann", "sslmode": "require"}
    assert postgresql_dump.environment(engine)["PGPASSWORD"] == "se:cret"


@ON_POSTGRESQL
def test_a_pg_dump_older_than_the_server_is_told_so(
    context: Flask, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(ConfigurationError, match=r"is of PostgreSQL 9 and the server of \d+"):
        back_up(file)
