"""What stays of images that were purged elsewhere, so that reports count them as they did there."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, insert, select

from app.extensions import db
from app.models import Image, PurgedImage
from app.models.image_filter import position_of
from app.models.image_lock import hold_all
from app.models.reporting import book as report_book
from app.models.reporting.facts import DRAWN, image_fact
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
    told_apart = {_key(SimpleNamespace(**row)): row for row in rows}
    new = [row for key, row in told_apart.items() if key not in known]
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


def come_back(images: Sequence[Image]) -> None:
    """Count images that were purged here, and now are taken in again, once; the caller commits."""
    wanted = {_key(image): image for image in images if image.source in DRAWN}
    near = PurgedImage.created_at.in_([image.created_at for image in wanted.values()])
    for row in db.session.scalars(select(PurgedImage).where(near)) if wanted else ():
        if wanted.pop(_key(row), None) is not None:
            report_book.book([image_fact(row, row.project, row.template)], -1)
            db.session.delete(row)


def _known(rows: Sequence[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Return what tells apart those of the same moments that are here: purged ones, and images."""
    moments = [row["created_at"] for row in rows]
    near = {
        PurgedImage: PurgedImage.created_at.in_(moments),
        # Which has an index; two in one microsecond are not worth a look through all.
        Image: Image.position.in_(map(position_of, moments)),
    }
    known = set()
    for table, condition in near.items():
        found = select(*(getattr(table, name) for name in _SAME)).where(condition)
        known |= {tuple(row) for row in db.session.execute(found)}
    return known


def _key(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _SAME)
