"""Backups, taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.errors import ConfigurationError
from app.extensions import current_settings, db
from app.services.backup import postgresql_dump, sqlite_file
from app.services.backup.files import draft_of
from app.services.backup.sqlite_file import Facts
from app.services.instance import ADMIN_KEY_FILE, SECRET_FILE, UP_LOCK


def back_up(path: Path) -> Facts:
    """Write the database as it is at this moment to a file (mode 600), which is checked first.

    A file that was there is replaced, when all went well. Raises ConfigurationError when that cannot
    be, or the file is no backup, Damaged when the database is not whole. Pictures that are not what was
    kept are told, and are in it as they are.
    """
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder.")
    db.session.rollback()
    database = current_settings().sqlite_file
    _require_free(path, database)
    with draft_of(path) as draft:
        if database:
            sqlite_file.save(database, draft)
            return replace(sqlite_file.check(draft), lost=sqlite_file.damaged_pictures(draft))
        postgresql_dump.save(db.engine, draft)
        postgresql_dump.check(draft)
        return Facts()


def _require_free(path: Path, database: Path | None) -> None:
    """Raise ConfigurationError when a backup would take the place of anything but another one."""
    if database and path.exists() and path.samefile(database):
        raise ConfigurationError(f"{path} is the database itself.")
    instance = current_settings().instance
    ours = {instance / name for name in _OF_INSTANCE}
    if database:
        ours |= {database.with_name(database.name + end) for end in _BESIDE_SQLITE}
    if path.resolve() in {each.resolve() for each in ours}:
        raise ConfigurationError(f"{path} is of the instance. Give the backup another name.")
    if path.exists() and not _is_backup(path):
        raise ConfigurationError(f"{path} is there, and no backup. Remove it first.")


_OF_INSTANCE = ("env", "catalog.toml", SECRET_FILE, ADMIN_KEY_FILE, UP_LOCK)
_BESIDE_SQLITE = ("", "-wal", "-shm", "-journal", ".migrating")


def _is_backup(path: Path) -> bool:
    """Tell whether a file is empty, or a backup of either kind."""
    with path.open("rb") as file:
        start = file.read(len(sqlite_file.MAGIC))
    return not start or start.startswith(postgresql_dump.MAGIC) or sqlite_file.is_ours(path)
