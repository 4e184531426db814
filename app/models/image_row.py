"""What a listing shows of an image, read as plain columns.

Rows of the object mapper cost four times as much, and a listing changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, select

from app.extensions import db
from app.models.api_key import ApiKey
from app.models.image import Image, ImageParent, ImageTag

# Made once: to put a query together takes as long as to run it.
IMAGE_ROWS = select(*Image.__table__.columns, ApiKey.name.label("made_by")).outerjoin_from(
    Image, ApiKey, Image.api_key_id == ApiKey.id
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
TAGS = (
    select(ImageTag.image_id, ImageTag.tag)
    .where(ImageTag.image_id.in_(_IDS))
    .order_by(ImageTag.tag)
)
PARENTS = (
    select(ImageParent.image_id, ImageParent.parent_id)
    .where(ImageParent.image_id.in_(_IDS))
    .order_by(ImageParent.ordinal)
)


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image without its bytes: the columns of `images`, `made_by` (a key's name), and these."""

    columns: Row[Any]
    tags: list[str]
    parents: list[int]

    def __getattr__(self, name: str) -> Any:
        """Return a column."""
        return getattr(self.columns, name)


def read_rows(query: Select[Any]) -> list[ImageRow]:
    """Return the rows of a query made from IMAGE_ROWS, in three queries whatever their number."""
    rows = db.session.execute(query).all()
    ids = [row.id for row in rows]
    tags, parents = _grouped(TAGS, ids), _grouped(PARENTS, ids)
    return [ImageRow(row, tags[row.id], parents[row.id]) for row in rows]


def _grouped(query: Select[int, Any], ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for image_id, each in db.session.execute(query, {"ids": ids}):
        found[image_id].append(each)
    return found
