"""Writers of an SQLite file take turns, and every turn comes to its end."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.extensions import db
from config import Settings
from tests.models.samples import app_with

ADD = text("INSERT INTO notes VALUES (1)")


@pytest.fixture
def sqlite_app(instance: object) -> Iterator[Flask]:
    with app_with(Settings.model_validate({"instance": instance})) as app:
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE notes (value INTEGER)"))
        yield app


def add_at_once() -> None:
    """Write where nobody else's turn is; fail at once where it is."""
    with db.engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("PRAGMA busy_timeout=1")
        try:
            connection.execute(ADD)
            connection.commit()
        finally:
            driver.execute("PRAGMA busy_timeout=10000")


@pytest.mark.parametrize(
    "end", [Connection.commit, Connection.rollback, Connection.close, Connection.invalidate]
)
def test_a_turn_ends_with_its_transaction(
    sqlite_app: Flask, end: Callable[[Connection], None]
) -> None:
    with db.engine.connect() as first:
        first.execute(ADD)
        with pytest.raises(OperationalError, match="locked"):
            add_at_once()
        end(first)
        first.close()
        add_at_once()


def test_one_connection_may_have_turn_after_turn(sqlite_app: Flask) -> None:
    with db.engine.connect() as connection:
        for _ in range(3):
            connection.execute(ADD)
            connection.commit()
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 3


def test_who_waited_in_vain_is_in_nobodys_way(sqlite_app: Flask) -> None:
    with db.engine.connect() as first:
        first.execute(ADD)
        for _ in range(3):
            with pytest.raises(OperationalError, match="locked"):
                add_at_once()
        first.commit()
    add_at_once()


def test_all_of_many_writers_get_their_turn(sqlite_app: Flask) -> None:
    engine = db.engine

    def add() -> None:
        with engine.begin() as connection:
            connection.execute(ADD)

    with ThreadPoolExecutor(30) as pool:
        for each in [pool.submit(add) for _ in range(120)]:
            each.result()
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 120


def test_a_commit_for_which_there_is_no_room_fails(sqlite_app: Flask, instance: Path) -> None:
    """SQLite then undoes everything by itself: a second commit, of nothing, would go well."""
    log = instance / "proofsheet.db-wal"
    with db.engine.connect() as connection:
        connection.execute(ADD)
        connection.commit()
        connection.execute(ADD)
        with no_file_longer_than(log.stat().st_size), pytest.raises(OperationalError):
            connection.commit()
        connection.rollback()
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 1
    add_at_once()


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Let this process write no file beyond a size, as a full disk would."""
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
