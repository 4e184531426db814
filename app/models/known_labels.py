"""The labels that pictures have, each once, without looking at every picture."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, func, select

from app.extensions import db
from app.models.image import ImageTag
from app.models.reporting.series import Cube, ReportSeries

MOST = 200
_TAG = cast(Table, ImageTag.__table__).c.tag
_SERIES = cast(Table, ReportSeries.__table__)


def known_tags(most: int = MOST) -> list[str]:
    """Return tags in the order of the database, up to `most`.

    Each is looked up in the index behind the one before: a million rows with ten tags are ten steps.
    """
    steps = select(func.min(_TAG).label("tag")).cte("steps", recursive=True)
    following = select(func.min(_TAG)).where(steps.c.tag < _TAG).scalar_subquery()
    steps = steps.union_all(select(following).where(steps.c.tag.is_not(None)))
    found = select(steps.c.tag).where(steps.c.tag.is_not(None)).limit(most)
    return list(db.session.scalars(found))


def known_models() -> list[str]:
    """Return the models that anything was ever asked of, or kept from, sorted."""
    return _of_series(Cube.MODEL, "model")


def known_projects(most: int = MOST) -> list[str]:
    """Return the projects that anything was ever for, sorted, up to `most`."""
    return _of_series(Cube.PROJECT, "project")[:most]


def _of_series(cube: Cube, name: str) -> list[str]:
    column = _SERIES.c[name]
    found = select(column).where(_SERIES.c.cube == cube, column != "").distinct()
    return sorted(db.session.scalars(found))
