"""Whether a filter's tag is so rare that its images are sooner looked up than met on the way."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, func, select

from app.extensions import db
from app.models.image import ImageTag
from app.models.image_filter import ImageFilter

# So many images are looked up and sorted in the time that a walk needs to meet one of the hundreds of
# thousands that have a common tag. A walk in search of a tag that nobody has goes through all there is.
RARE = 2_000
_TAGS = cast(Table, ImageTag.__table__)
_FEW = select(_TAGS.c.image_id).where(_TAGS.c.tag == bindparam("tag")).limit(RARE + 1).subquery()
_COUNT = select(func.count()).select_from(_FEW)


def rare_tag(wanted: ImageFilter) -> str | None:
    """Return a tag of the filter that no more than RARE images have, or None."""
    connection = db.session.connection()
    return next(
        (tag for tag in wanted.tags if (connection.scalar(_COUNT, {"tag": tag}) or 0) <= RARE), None
    )
