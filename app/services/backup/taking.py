"""Backups, taken."""

from __future__ import annotations

from pathlib import Path

from app.errors import ConfigurationError
from app.extensions import current_settings, db
from app.services.backup import postgresql_dump, sqlite_file
from app.services.backup.files import draft_of
from app.services.backup.sqlite_file import Facts


def back_up(path: Path) -> Facts:
    """Write the database as it is at this moment to a file (mode 600), which is checked first.

    A file that was there is replaced, when all went well. Raises ConfigurationError when that cannot
    be, Damaged when the database is not whole.
    """
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder.")
    db.session.rollback()
    database = current_settings().sqlite_file
    if database and path.exists() and path.samefile(database):
        raise ConfigurationError(f"{path} is the database itself.")
    with draft_of(path) as draft:
        if database:
            sqlite_file.save(database, draft)
            return sqlite_file.check(draft)
        postgresql_dump.save(db.engine, draft)
        postgresql_dump.check(draft)
        return Facts()
