"""How SQLite is set up: durable settings, and transactions that do not get in each other's way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import Connection, Executable, column, delete, select, table, text
from sqlalchemy.exc import OperationalError

from app.extensions import db
from config import Settings
from tests.models.samples import app_with

PRAGMAS = {
    "page_size": 16384,
    "auto_vacuum": 2,
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "secure_delete": 2,
    "cache_size": -65536,
    "wal_autocheckpoint": 1000,
    "journal_size_limit": 67_108_864,
}
COUNT = text("SELECT count(*) FROM notes")
ADD = text("INSERT INTO notes VALUES (1)")
NOTES = table("notes", column("value"))
ONES = select(NOTES.c.value).where(NOTES.c.value == 1).cte()


@pytest.fixture
def sqlite_app(instance: Path) -> Iterator[Flask]:
    """An app on an SQLite file with one small table."""
    with app_with(Settings(instance=instance)) as app:
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE notes (value INTEGER)"))
        yield app


def connect() -> Connection:
    return db.engine.connect()


def impatient() -> Connection:
    """Return a connection that fails at once where another would wait for a lock."""
    connection = connect()
    connection.execute(text("PRAGMA busy_timeout=1"))
    connection.rollback()
    return connection


@pytest.mark.parametrize(("name", "value"), PRAGMAS.items())
def test_every_connection_has_the_settings(sqlite_app: Flask, name: str, value: object) -> None:
    with connect() as first, connect() as second:
        found = [each.scalar(text(f"PRAGMA {name}")) for each in (first, second)]
    assert found == [value, value]


def test_a_new_connection_waits_for_no_writer(sqlite_app: Flask) -> None:
    with connect() as writer:
        writer.execute(ADD)
        began = time.monotonic()
        with connect() as other:  # SQLite's patience is ten seconds
            assert other.scalar(COUNT) == 0
        assert time.monotonic() - began < 5


def test_a_transaction_that_read_before_another_wrote_can_still_write(sqlite_app: Flask) -> None:
    with connect() as first, connect() as second:
        assert first.scalar(COUNT) == 0
        second.execute(ADD)
        second.commit()
        first.execute(ADD)
        assert first.scalar(COUNT) == 2
        first.commit()


@pytest.mark.parametrize(
    "write",
    [
        ADD,
        text("  insert into notes values (1)"),
        text("UPDATE notes SET value = 2"),
        text("DELETE FROM notes"),
        delete(NOTES).where(NOTES.c.value.in_(select(ONES.c.value))),  # WITH … DELETE
        text("SAVEPOINT here"),
        text("CREATE TABLE others (value INTEGER)"),
    ],
    ids=str,
)
def test_a_write_takes_the_lock_at_once(sqlite_app: Flask, write: Executable) -> None:
    with connect() as first, impatient() as second:
        first.execute(write)
        with pytest.raises(OperationalError, match="locked"):
            second.execute(ADD)


def test_readers_are_not_blocked_by_a_writer_nor_see_what_it_writes(sqlite_app: Flask) -> None:
    with connect() as writer, impatient() as reader:
        writer.execute(ADD)
        assert reader.scalar(COUNT) == 0
        writer.commit()
        assert reader.scalar(COUNT) == 0, "a transaction sees one state of the database"
        reader.rollback()
        assert reader.scalar(COUNT) == 1


def test_a_writer_is_not_blocked_by_readers(sqlite_app: Flask) -> None:
    with connect() as reader, impatient() as writer:
        assert reader.scalar(COUNT) == 0
        writer.execute(ADD)
        writer.commit()


def test_a_second_writer_waits_its_turn(sqlite_app: Flask) -> None:
    def add_too() -> None:
        with engine.begin() as second:
            second.execute(ADD)

    engine = db.engine
    with connect() as first:
        first.execute(ADD)
        thread = Thread(target=add_too)
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()
        first.commit()
    thread.join(10)
    with connect() as third:
        assert third.scalar(COUNT) == 2


def test_what_is_rolled_back_is_gone(sqlite_app: Flask) -> None:
    with connect() as connection:
        assert connection.scalar(COUNT) == 0
        connection.execute(ADD)
        connection.execute(text("CREATE TABLE others (value INTEGER)"))
        connection.rollback()
        assert connection.scalar(COUNT) == 0
        tables = text("SELECT count(*) FROM sqlite_master WHERE name = 'others'")
        assert connection.scalar(tables) == 0


def test_a_savepoint_can_be_rolled_back_alone(sqlite_app: Flask) -> None:
    with connect() as connection:
        connection.execute(ADD)
        connection.begin_nested().rollback()
        with connection.begin_nested() as inner:
            connection.execute(ADD)
            inner.rollback()
        connection.commit()
        assert connection.scalar(COUNT) == 1


def test_a_plain_read_holds_no_write_lock(sqlite_app: Flask) -> None:
    with connect() as first, impatient() as second:
        first.execute(COUNT)
        first.execute(text("WITH a AS (SELECT 1) SELECT * FROM a"))
        first.execute(text("EXPLAIN SELECT 1"))
        second.execute(ADD)
