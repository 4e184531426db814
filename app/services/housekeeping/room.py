"""Room in SQLite's file that nothing uses any more; PostgreSQL looks after its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.models import space
from app.services.housekeeping.task import Task

# 4 MB at a time: about as long as a commit.
PAGES = 256
# So much stays for what comes next: to give it back and take it again would be work for nothing.
KEPT = 1_024


def _steps() -> Iterator[int]:
    while (spare := _count()) and (given := space.release(min(spare, PAGES))):
        yield given


def _count() -> int:
    return max(0, space.free_pages() - KEPT)


ROOM = Task("room", timedelta(minutes=10), "free pages of the database file", _steps, _count)
