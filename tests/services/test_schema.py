"""How the database stands, told without a change to it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import inspect, text

from app.errors import ConfigurationError
from app.extensions import db
from app.services.instance import locked
from app.services.schema import (
    ADVISORY_LOCK,
    Schema,
    inspect_schema,
    prepare,
    require_current,
    upgrade,
)
from config import Settings
from tests.conftest import on_server
from tests.models.samples import app_with, kept_image
from tests.test_migrations import migrations_with


@pytest.fixture
def empty(empty_database_url: str, instance: Path) -> Iterator[Flask]:
    """An app on a database without tables."""
    with app_with(Settings(instance=instance, database_url=empty_database_url)) as app:
        yield app


@pytest.fixture
def migrated(empty: Flask) -> Flask:
    """The same with tables. Not the database of `context`, which others use after us."""
    upgrade()
    return empty


@pytest.fixture
def file(instance: Path) -> Path:
    """Where the SQLite file of an instance lies; it is not made."""
    return instance / "proofsheet.db"


@pytest.fixture
def on_sqlite(instance: Path) -> Iterator[Flask]:
    """An app on that file."""
    with app_with(Settings(instance=instance)) as app:
        yield app


def listing(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def make(file: Path, *statements: str) -> None:
    """Run statements on an SQLite file without any of our settings."""
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def set_revision(revision: str) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
    db.session.commit()
    db.session.remove()


def test_an_empty_database_is_absent(empty: Flask, instance: Path) -> None:
    before = listing(instance)
    assert inspect_schema() is Schema.ABSENT
    assert listing(instance) == before


def test_an_empty_file_is_absent(on_sqlite: Flask, file: Path) -> None:
    file.touch()
    assert inspect_schema() is Schema.ABSENT
    assert file.read_bytes() == b""


def test_a_migrated_database_is_current(context: Flask) -> None:
    assert inspect_schema() is Schema.CURRENT
    require_current()
    prepare()
    assert upgrade() is None


def test_an_older_one_is_behind(migrated: Flask, tmp_path: Path) -> None:
    newer = migrations_with(tmp_path, "pass")
    assert inspect_schema(newer) is Schema.BEHIND
    upgrade(newer)
    assert inspect_schema(newer) is Schema.CURRENT


def test_a_newer_one_is_refused_and_left_as_it_is(migrated: Flask) -> None:
    set_revision("9999")
    for use in (inspect_schema, upgrade, prepare, require_current):
        with pytest.raises(ConfigurationError, match=r"newer version of Proofsheet.*'9999'"):
            use()
    assert db.session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_looking_at_a_database_changes_nothing(context: Flask, instance: Path) -> None:
    kept_image()
    db.session.remove()
    db.engine.dispose()
    before = listing(instance)
    assert inspect_schema() is Schema.CURRENT
    assert listing(instance) == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a database, but more than a hundred bytes of text" * 9, "cannot be read"),
        (b"SQLite format 3\0" + b"\xff" * 4096, "cannot be read"),
        (b"\x89PNG\r\n\x1a\n", "cannot be read"),
    ],
)
def test_what_is_no_database_is_refused_and_left_as_it_is(
    on_sqlite: Flask, file: Path, content: bytes, message: str
) -> None:
    file.write_bytes(content)
    before = listing(file.parent)
    for use in (inspect_schema, prepare, require_current):
        with pytest.raises(ConfigurationError, match=message):
            use()
    assert listing(file.parent).items() >= before.items()
    assert file.read_bytes() == content


def test_a_folder_is_no_database(on_sqlite: Flask, file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        inspect_schema()


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_another_programs_file_is_refused_and_left_as_it_is(
    on_sqlite: Flask, file: Path, journal: str
) -> None:
    make(file, f"PRAGMA journal_mode={journal}", "CREATE TABLE songs (title TEXT)")
    before = listing(file.parent)
    with pytest.raises(ConfigurationError, match="another program"):
        inspect_schema()
    assert listing(file.parent) == before


def test_a_version_table_of_another_shape_is_refused(on_sqlite: Flask, file: Path) -> None:
    make(file, "CREATE TABLE alembic_version (other TEXT)")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        inspect_schema()


@pytest.mark.parametrize("name", ["a b", "50%", "a?b", "a#b", "ü"])
def test_a_path_may_hold_any_character(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with app_with(Settings(instance=folder)):
        prepare()
        assert inspect_schema() is Schema.CURRENT
        assert (folder / "proofsheet.db").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_postgresql_that_is_not_there_is_an_error_in_one_line(instance: Path) -> None:
    url = "postgresql://user:secret@127.0.0.1:1/none?connect_timeout=2"
    refused = pytest.raises(ConfigurationError, match="Check DATABASE_URL")
    with app_with(Settings(instance=instance, database_url=url)), refused as caught:
        inspect_schema()
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_postgresql_without_that_database_is_an_error(
    instance: Path, postgresql_server: str
) -> None:
    url = on_server(postgresql_server, "nowhere")
    refused = pytest.raises(ConfigurationError, match='"nowhere" does not exist')
    with app_with(Settings(instance=instance, database_url=url)), refused:
        inspect_schema()


def test_tables_are_made_where_there_are_none(empty: Flask) -> None:
    prepare()
    assert inspect_schema() is Schema.CURRENT
    assert "images" in inspect(db.engine).get_table_names()


def test_one_without_tables_is_not_served(empty: Flask, instance: Path) -> None:
    before = listing(instance)
    with pytest.raises(ConfigurationError, match=r"manage\.py up"):
        require_current()
    assert listing(instance) == before


def test_one_process_migrates_a_file_at_a_time(on_sqlite: Flask, file: Path) -> None:
    held = locked(file.with_name("proofsheet.db.migrating"), "taken")
    with held, pytest.raises(ConfigurationError, match="Another process"):
        upgrade()
    assert not file.exists()
    assert upgrade() is None


def test_one_process_migrates_a_postgresql_at_a_time(context: Flask, settings: Settings) -> None:
    if settings.sqlite_file is None:
        plain = settings.sqlalchemy_url.replace("+psycopg", "")
        held = f"SELECT pg_try_advisory_lock({ADVISORY_LOCK})"
        with psycopg.connect(plain) as another:
            upgrade()
            assert another.execute(held).fetchone() == (True,), "it is free again afterwards"


def test_no_copy_is_kept_when_nothing_changes(
    on_sqlite: Flask, sqlite_template: Path, file: Path
) -> None:
    shutil.copyfile(sqlite_template, file)
    assert upgrade() is None
    assert not list(file.parent.glob("*before-upgrade*"))
