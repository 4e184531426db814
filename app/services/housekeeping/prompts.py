"""Words that are older than a setting allows; what they made and what that cost stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.extensions import current_settings, db
from app.models import old_words, space
from app.models.types import utc_now
from app.services.housekeeping.task import Task


def _steps() -> Iterator[int]:
    before = _before()
    for forget in old_words.KINDS:
        last = None
        while True:
            db.session.rollback()
            with space.overwriting():
                forgotten, last = forget(before, last)
            db.session.commit()
            if last is None:
                break
            yield forgotten


def _count() -> int:
    return old_words.count(_before())


def _before() -> datetime:
    return utc_now() - timedelta(days=current_settings().forget_prompts_days or 0)


PROMPTS = Task(
    "prompts",
    timedelta(hours=6),
    "records whose words are to be forgotten",
    _steps,
    _count,
    wanted=lambda settings: settings.forget_prompts_days is not None,
)
