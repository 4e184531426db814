"""What stays of images that were purged elsewhere, so that reports count them as they did there."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, insert, select

from app.extensions import db
from app.models import PurgedImage
from app.models.image_lock import hold_all
from app.models.reporting import book as report_book
from app.models.reporting.facts import image_fact
from app.services.archive import kinds
from app.services.archive.fields import decoded
from app.services.archive.people import People

_REQUIRED = ("created_at", "byte_count", "favourite")
# What tells two apart, beside the moment.
_SAME = ("created_at", "byte_count", "provider", "model", "cost_microusd", "latency_ms")


def checked(record: Any) -> dict[str, Any]:
    """Return what stays of an image, with `made_by`. Raises InvalidInput."""
    return {**decoded(kinds.PURGED, record, _REQUIRED), "made_by": record.get("made_by")}


def add(rows: Sequence[dict[str, Any]], people: People) -> int:
    """Add those that are not here, and return how many; the caller commits."""
    hold_all()
    known = _known(rows)
    new = list({_key(row): row for row in rows if _key(row) not in known}.values())
    # Ids of images here are positive, and never used again.
    lowest = min(0, db.session.scalar(select(func.min(PurgedImage.id))) or 0)
    complete = [
        {
            **{name: value for name, value in row.items() if name != "made_by"},
            "id": lowest - number,
            "api_key_id": people.key_id(row["made_by"]),
        }
        for number, row in enumerate(new, start=1)
    ]
    if complete:
        db.session.execute(insert(PurgedImage), complete)
    facts = (
        image_fact(SimpleNamespace(**row), row["project"], row["template"]) for row in complete
    )
    report_book.book(facts)
    return len(complete)


def _known(rows: Sequence[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Return what tells apart those here of the same moments: purged ones, and images."""
    columns = [getattr(PurgedImage, name) for name in _SAME]
    near = PurgedImage.created_at.in_([row["created_at"] for row in rows])
    return {tuple(row) for row in db.session.execute(select(*columns).where(near))}


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SAME)
