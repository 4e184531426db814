"""The database's own account of itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from app.extensions import db
from app.models.snapshot import snapshot
from app.models.word_index.tables import on_sqlite
from app.services.check.fault import DAMAGED, Checker, Fault, Options, Progress


def _find(options: Options, _progress: Progress) -> Iterator[Fault]:
    """The quick look goes through the rows, the other one through the indexes too."""
    if not on_sqlite():
        return
    pragma = "quick_check" if options.quick else "integrity_check"
    with snapshot():
        for line in db.session.scalars(text(f"PRAGMA {pragma}")):
            if line != "ok":
                yield Fault(DAMAGED, line)


FILE = Checker("file", "the database file", _find)
