"""Pictures that were deleted long ago, where a setting says how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.extensions import current_settings
from app.models.types import utc_now
from app.services.housekeeping.task import Task
from app.services.purge import empty_trash, trash


def _steps() -> Iterator[int]:
    return empty_trash(_before())


def _count() -> int:
    return len(trash(_before()))


def _before() -> datetime:
    return utc_now() - timedelta(days=current_settings().trash_days or 0)


TRASH = Task(
    "trash",
    timedelta(hours=1),
    "pictures that were deleted long ago",
    _steps,
    _count,
    wanted=lambda settings: settings.trash_days is not None,
)
