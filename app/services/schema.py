"""Whether the database is as this version needs it, and how it becomes so."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ConfigurationError
from app.extensions import MIGRATIONS, current_settings, db
from app.services.instance import locked
from app.services.job_queue import job_queue

if TYPE_CHECKING:
    from alembic.config import Config

# Any number will do, as long as every process of Proofsheet takes the same.
ADVISORY_LOCK = 7_766_372_100
VERSION_TABLE = "alembic_version"
# How the revision begins of a database that is still being copied to.
UNFINISHED = "copying-"


class Schema(Enum):
    """How the database stands to this version of Proofsheet."""

    ABSENT = "absent"
    BEHIND = "behind"
    CURRENT = "current"


def inspect_schema(migrations: Path = MIGRATIONS) -> Schema:
    """Return how the database stands; changes nothing, not even by making the file.

    Raises ConfigurationError when it cannot be read, is newer than this version, or not ours.
    """
    revision = current_revision()
    if revision is None:
        return Schema.ABSENT
    revisions = known_revisions(migrations)
    if revision == revisions[-1]:
        return Schema.CURRENT
    if revision.startswith(UNFINISHED):
        raise ConfigurationError(
            "A copy or a backup is only half in this database. Run the same `manage.py copy` or "
            "`manage.py restore` again, or drop the database."
        )
    if revision not in revisions:
        raise ConfigurationError(
            f"The database was made by a newer version of Proofsheet (its schema is {revision!r}). "
            "Install that version, or set DATABASE_URL to another database."
        )
    return Schema.BEHIND


def require_current() -> None:
    """Raise ConfigurationError, saying what to do, unless the schema is that of this version."""
    if inspect_schema() is not Schema.CURRENT or not job_queue().is_migrated():
        raise ConfigurationError(
            "The database is not up to date. Run `python manage.py up`, "
            "which brings it up to date and serves, or `python manage.py db upgrade`."
        )


def prepare() -> None:
    """Make the schema where there is none at all; raise ConfigurationError where it is behind."""
    if inspect_schema() is Schema.ABSENT:
        upgrade()
    require_current()


def upgrade(migrations: Path = MIGRATIONS) -> Path | None:
    """Bring the schema up to date, one process at a time.

    A copy of an SQLite file is kept first; return its path, or None when none was needed. Raises
    ConfigurationError.
    """
    with _lock():
        standing = inspect_schema(migrations)
        copy = None
        if standing is not Schema.CURRENT:
            copy = _upgrade(standing, migrations)
        # Last: what is broken off before it is taken up again by the next start.
        job_queue().migrate()
        return copy


def _upgrade(standing: Schema, migrations: Path) -> Path | None:
    file = current_settings().sqlite_file
    copy = _copy(file) if file and standing is Schema.BEHIND else None
    if file:
        # Made here, so that nobody else may read it; what SQLite lays beside it follows its mode.
        file.touch(mode=0o600)
    from alembic import command  # a third of a second, that most starts do without

    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(alembic_config(migrations), "head")
    return copy


def downgrade(revision: str, migrations: Path = MIGRATIONS) -> Path | None:
    """Take the schema back to `revision` ("base": to nothing); what only newer ones keep is lost.

    A copy of an SQLite file is kept first; return its path. Raises ConfigurationError.
    """
    from alembic import command  # as above
    from alembic.util import CommandError

    with _lock():
        if inspect_schema(migrations) is Schema.ABSENT:
            raise ConfigurationError("There is no schema to take back.")
        file = current_settings().sqlite_file
        copy = _copy(file) if file else None
        try:
            command.downgrade(alembic_config(migrations), revision)
        except CommandError as error:
            raise ConfigurationError(f"That cannot be done: {error}.") from error
        return copy


def alembic_config(migrations: Path = MIGRATIONS) -> Config:
    """Return what Alembic's own commands take to work on the current app's database."""
    from alembic.config import Config  # as above

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def known_revisions(migrations: Path = MIGRATIONS) -> list[str]:
    """Return the revisions that this version knows, oldest first."""
    # By the names of the files: to read them Alembic would be loaded, by every command.
    return sorted(file.name.partition("_")[0] for file in migrations.glob("versions/*_*.py"))


def current_revision() -> str | None:
    """Return the database's revision, or None when it is empty or not there."""
    file = current_settings().sqlite_file
    return _sqlite_revision(file) if file else _postgresql_revision()


def _sqlite_revision(file: Path) -> str | None:
    if not file.exists():
        return None
    if not os.access(file, os.R_OK):
        raise ConfigurationError(
            f"{file} may not be read by this user. Mend its owner or its mode."
        )
    # Read only: a file that turns out not to be ours is left as it is. And immutable where nobody
    # has it open: otherwise reading a file in WAL mode would leave two more beside it.
    mode = "mode=ro" if _in_use(file) else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?{mode}", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if VERSION_TABLE in tables:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                return str(row[0]) if row else None
    except sqlite3.Error as error:
        raise ConfigurationError(
            f"{file} cannot be read as a database ({error}). "
            "Restore it from a backup, or set DATABASE_URL to another one."
        ) from error
    if tables:
        raise ConfigurationError(
            f"{file} is a database of another program. Set DATABASE_URL to one for Proofsheet."
        )
    return None


def _in_use(file: Path) -> bool:
    """Tell whether a database has changes that are not in its file yet."""
    return any(file.with_name(file.name + end).exists() for end in ("-wal", "-journal"))


def _postgresql_revision() -> str | None:
    try:
        with db.engine.connect() as connection:
            if not inspect(connection).has_table(VERSION_TABLE):
                return None
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return None if revision is None else str(revision)
    except SQLAlchemyError as error:
        raise ConfigurationError(
            f"The database cannot be used ({_first_line(error)}). Check DATABASE_URL."
        ) from error


def _first_line(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0]


@contextmanager
def _lock() -> Iterator[None]:
    file = current_settings().sqlite_file
    if file:
        with locked(
            file.with_name(file.name + ".migrating"),
            "Another process is bringing the database up to date. Try again in a moment.",
        ):
            yield
        return
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
            connection.commit()


def _copy(file: Path) -> Path:
    """Copy the database beside itself, consistent even while others use it (mode 600)."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    copy = file.with_name(f"{file.stem}.before-upgrade-{moment}{file.suffix}")
    copy.touch(mode=0o600, exist_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy
