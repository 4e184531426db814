"""What a question can be narrowed to: for lists to choose from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import ApiKey
from app.models.known_labels import known_tags
from app.models.reporting.beginning import first_day
from app.models.reporting.series import Cube, ReportSeries

# More than that nobody looks through.
MOST = 200
_CUBES = {
    "model": Cube.MODEL,
    "provider": Cube.MODEL,
    "project": Cube.PROJECT,
    "template": Cube.TEMPLATE,
}


def choices() -> dict[str, list[str]]:
    """Return the models, providers, projects, templates and keys that something was made with, and tags.

    By name, each sorted, the first MOST of them.
    """
    found = {name: _used(name, cube) for name, cube in _CUBES.items()}
    used = select(ReportSeries.api_key_id).where(ReportSeries.cube == Cube.KEY)
    names = select(ApiKey.name).where(ApiKey.id.in_(used)).distinct().limit(MOST)
    keys = sorted(db.session.scalars(names.order_by(ApiKey.name)))
    return {**found, "key": keys, "tag": known_tags(MOST)}


def beginning() -> datetime | None:
    """Return when the day (UTC) began of which there is something; None of an empty history."""
    day = first_day()
    return None if day is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)


def _used(name: str, cube: Cube) -> list[str]:
    column = getattr(ReportSeries, name)
    query = select(column).where(ReportSeries.cube == cube, column != "").distinct()
    # Sorted here: the databases would sort by different rules.
    return sorted(db.session.scalars(query.order_by(column).limit(MOST)))
