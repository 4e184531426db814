"""Backups, put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, func, select, text

from app.errors import ConfigurationError, InvalidInput
from app.extensions import current_settings, db
from app.models import Generation, Image, Status, Worker
from app.models.transfer import Tell
from app.services.backup import postgresql_dump, sqlite_file
from app.services.backup.files import draft_of
from app.services.backup.folder import MANIFEST, is_one
from app.services.backup.from_folder import fill, look_at_folder
from app.services.backup.sqlite_file import Facts
from app.services.copy.unfinished import is_unfinished
from app.services.instance import instance_lock, make_instance
from app.services.other_database import app_on
from app.services.schema import Schema, inspect_schema, known_revisions, upgrade

OTHERS = (
    "The database is in use. Stop `manage.py up` and all servers, workers and other programs that "
    "are connected to it first."
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now, and the file that what was there before is kept in, if there was any."""

    facts: Facts
    before: Path | None


def look_at(path: Path, tell: Tell = lambda *_: None) -> Facts:
    """Read all of a backup, a file or a folder, and tell what it holds.

    Raises Damaged when it is not whole. Pictures that are lost or damaged are only told;
    those in a file of PostgreSQL only `restore` finds.
    Raises InvalidInput when it is no backup, or none of the kind of database that is set.
    """
    if path.is_dir():
        if not is_one(path):
            raise InvalidInput(f"{path} is no backup of Proofsheet: it has no {MANIFEST}.")
        facts = look_at_folder(path, tell)
    elif _is_sqlite(path) != (current_settings().sqlite_file is not None):
        raise InvalidInput(_WRONG_KIND.format(path=path))
    elif _is_sqlite(path):
        facts = replace(sqlite_file.check(path), lost=sqlite_file.damaged_pictures(path))
    else:
        postgresql_dump.check(path)
        return Facts()
    if facts.revision not in known_revisions():
        raise ConfigurationError(
            f"{path} was made by a newer version of Proofsheet (its schema is {facts.revision!r}). "
            "Install that version first."
        )
    return facts


def what_is_there() -> str | None:
    """Tell what a restore would put out of the way, for people to read; None: nothing is there."""
    try:
        if is_unfinished():
            return "half of a copy or a backup"
        standing = inspect_schema()
    except ConfigurationError:
        if current_settings().sqlite_file is None:
            raise
        return "a database that cannot be used"
    if standing is Schema.ABSENT:
        return None
    images = db.session.scalar(select(func.count()).select_from(Image))
    db.session.rollback()
    return f"a history of {sqlite_file.told(images or 0)}"


def restore(path: Path, tell: Tell = lambda *_: None, *, incomplete: bool = False) -> Restored:
    """Put a backup, which `look_at` read, in the place of the database, and bring it up to date.

    A file of SQLite that was there is kept beside it. A file of PostgreSQL with damaged pictures is only
    taken if it may be `incomplete`. Raises ConfigurationError when the database is
    in use, and changes nothing then.
    """
    settings = current_settings()
    make_instance(settings)
    with instance_lock(settings):
        db.session.remove()
        db.engine.dispose()
        before = None
        if settings.sqlite_file:
            before = _replace(settings.sqlite_file, path, tell)
        else:
            _require_alone()
            _load(path, tell, incomplete=incomplete)
        db.engine.dispose()
        upgrade()
        return Restored(_settle(), before)


def _load(path: Path, tell: Tell, *, incomplete: bool) -> None:
    """Put a backup into PostgreSQL."""
    if not path.is_dir():
        postgresql_dump.load(db.engine, path, incomplete=incomplete)
        return
    with db.engine.begin() as connection:
        for statement in postgresql_dump.clearance():
            connection.execute(text(statement))
    db.engine.dispose()
    fill(path, tell)


def _is_sqlite(path: Path) -> bool:
    """Tell whether a backup is of SQLite, else PostgreSQL; raise InvalidInput if neither."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(sqlite_file.MAGIC))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}).") from error
    if magic == sqlite_file.MAGIC or magic.startswith(postgresql_dump.MAGIC):
        return magic == sqlite_file.MAGIC
    raise InvalidInput(f"{path} is no backup of Proofsheet.")


_WRONG_KIND = (
    "{path} is of the other kind of database than DATABASE_URL names. Restore it to one of its own "
    "kind, and use `manage.py copy --to URL` from there."
)


def _replace(database: Path, backup: Path, tell: Tell) -> Path | None:
    """Put what a backup holds in the place of the file, which is kept; return where."""
    with _alone(database), draft_of(database) as draft, sqlite_file.writing():
        if backup.is_dir():
            _assemble(backup, draft, tell)
        else:
            shutil.copyfile(backup, draft)
        sqlite_file.check(draft)
        return _set_aside(database) if database.exists() else None


def _assemble(folder: Path, draft: Path, tell: Tell) -> None:
    """Make one file of what a folder holds."""
    draft.unlink()  # an empty file is none for `upgrade`
    instance = current_settings().instance
    name = draft.relative_to(instance) if draft.is_relative_to(instance) else draft
    with app_on(f"sqlite:///{name}").app_context():
        try:
            fill(folder, tell)
        finally:
            db.session.remove()
            db.engine.dispose()
            for end in ("-wal", "-shm", ".migrating"):
                draft.with_name(draft.name + end).unlink(missing_ok=True)


def _set_aside(database: Path) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    before = database.with_name(f"{database.stem}.before-restore-{moment}{database.suffix}")
    # Only a damaged one still has these. SQLite would take them for the new file's.
    for end in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            database.with_name(database.name + end).rename(before.with_name(before.name + end))
    # Both names for a moment: a crash before the new file takes the first one leaves all as it was.
    try:
        before.hardlink_to(database)
    except OSError:  # a file system without them
        shutil.copyfile(database, before)
    before.chmod(0o600)
    return before


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Bring all of a database into its one file, which only goes while nobody else has it open."""
    with ExitStack() as stack:
        if database.exists():
            if not os.access(database, os.R_OK | os.W_OK):
                raise ConfigurationError(
                    f"{database} may not be read and written by this user. Mend its owner or its mode."
                )
            _lock(stack.enter_context(closing(sqlite3.connect(database, timeout=1))))
        yield


def _lock(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        raise ConfigurationError(OTHERS) from error
    except sqlite3.DatabaseError:
        pass  # damaged, which is why it is restored


def _require_alone() -> None:
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with db.engine.connect() as connection:
        if connection.scalar(text(others)):
            raise ConfigurationError(OTHERS)
    db.engine.dispose()


def _settle() -> Facts:
    """Strike off the workers of then, so that what they ran goes on at once; tell what is there."""
    db.session.execute(delete(Worker))
    db.session.commit()
    images = db.session.scalar(select(func.count()).select_from(Image))
    waits = Generation.status.in_([Status.QUEUED, Status.RUNNING])
    unended = db.session.scalar(select(func.count()).select_from(Generation).where(waits))
    db.session.rollback()
    return Facts(None, images or 0, unended or 0)
