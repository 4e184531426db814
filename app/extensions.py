"""The database, bound to the app in `create_app`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL, Engine, MetaData, create_engine
from sqlalchemy.orm import DeclarativeBase

from app.measures import Measures
from app.sqlite import prepare_engine
from config import ROOT, Settings

MIGRATIONS = ROOT / "migrations"
SQLITE_BUSY_SECONDS = 10
POSTGRESQL_CONNECT_SECONDS = 5


class Base(DeclarativeBase):
    """What every model derives from. Constraints get names, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def init_database(app: Flask, settings: Settings) -> None:
    """Bind the database of `settings` to `app`. No connection is made yet."""
    app.config["SQLALCHEMY_DATABASE_URI"] = _url(settings)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings.sqlite_file)
    db.init_app(app)
    app.extensions["measures"] = Measures()
    with app.app_context():
        measures().watch(db.engine)
        if settings.sqlite_file:
            prepare_engine(db.engine)


def engine_of(sqlite_file: Path) -> Engine:
    """Return an engine for one more SQLite file, set up as the app's own is."""
    url = URL.create("sqlite", database=str(sqlite_file))
    engine = create_engine(url, **_engine_options(sqlite_file))
    prepare_engine(engine)
    return engine


def measures() -> Measures:
    """Return what this process has measured of itself for the current app."""
    return cast(Measures, current_app.extensions["measures"])


def current_settings() -> Settings:
    """Return the Settings that the current app was made with."""
    return cast(Settings, current_app.config["SETTINGS"])


def _url(settings: Settings) -> str | URL:
    if settings.sqlite_file:
        # Not as text: a "?" in a folder's name would begin the options.
        return URL.create("sqlite", database=str(settings.sqlite_file))
    return settings.sqlalchemy_url


def _engine_options(sqlite_file: Path | None) -> dict[str, Any]:
    # One connection for each blocking thread of the server at the most: a thread that must wait for
    # a connection while its neighbour waits for a lock would be a deadlock with a time-out.
    pool = {"pool_size": 10, "max_overflow": 90}
    if sqlite_file:
        # isolation_level None: app.sqlite begins transactions itself.
        connect = {"timeout": SQLITE_BUSY_SECONDS, "isolation_level": None}
        return {**pool, "connect_args": {**connect, "check_same_thread": False}}
    # pool_pre_ping: a restarted PostgreSQL costs one reconnect instead of one failed request.
    connect = {"connect_timeout": POSTGRESQL_CONNECT_SECONDS}
    pool = {"pool_size": 10, "max_overflow": 20, "pool_pre_ping": True}
    return {**pool, "connect_args": connect}
