"""What a listing shows of an image, read as plain columns in one statement.

Rows of the object mapper cost four times as much, and a listing changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, String, Table, func, select
from sqlalchemy import cast as as_type

from app.extensions import db
from app.models.api_key import ApiKey
from app.models.batches import batches
from app.models.image import IMAGES, ImageParent, ImageTag
from app.models.types import IDS

_KEYS, _TAGS, _PARENTS = (cast(Table, each.__table__) for each in (ApiKey, ImageTag, ImageParent))
# Stands between tags, which are printable; sub-queries in the one statement cost a tenth of more
# statements, and lists of values look different in each database.
_BETWEEN = "\x1f"


def _joined(text: Any, table: Table) -> Any:
    """Return the sub-query for a text of an image's rows in `table`, in no order."""
    of_image = select(func.aggregate_strings(text, _BETWEEN)).where(table.c.image_id == IMAGES.c.id)
    return of_image.scalar_subquery().correlate(IMAGES)


_PARENT = as_type(_PARENTS.c.ordinal, String) + ":" + as_type(_PARENTS.c.parent_id, String)
# Made once: to put a query together takes as long as to run it.
IMAGE_ROWS = select(
    *IMAGES.c,
    _KEYS.c.name.label("made_by"),
    _joined(_TAGS.c.tag, _TAGS).label("tag_text"),
    _joined(_PARENT, _PARENTS).label("parent_text"),
).outerjoin_from(IMAGES, _KEYS, IMAGES.c.api_key_id == _KEYS.c.id)


_NAMES = tuple(IMAGE_ROWS.selected_columns.keys())


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image without its bytes: the `columns` of `images`, `made_by` (a key's name), and these."""

    columns: dict[str, Any]

    @property
    def tags(self) -> list[str]:
        """Its tags, sorted: the databases would sort them by different rules."""
        text = self.columns["tag_text"]
        return sorted(text.split(_BETWEEN)) if text else []

    @property
    def parents(self) -> list[int]:
        """The ids of the images that it was made from, in the order they were given."""
        text = self.columns["parent_text"]
        if not text:
            return []
        pairs = (each.split(":") for each in text.split(_BETWEEN))
        return [parent for _, parent in sorted((int(place), int(id_)) for place, id_ in pairs)]

    def __getattr__(self, name: str) -> Any:
        """Return a column. Raises AttributeError."""
        try:
            return self.columns[name]
        except KeyError:
            raise AttributeError(name) from None


def read_rows(query: Select[Any], values: Mapping[str, Any] | None = None) -> list[ImageRow]:
    """Return the rows of a query made from IMAGE_ROWS; `values` are for its bound names."""
    rows = db.session.connection().execute(query, values)
    # SQLAlchemy's own rows take ten times as long to give a column.
    return [ImageRow(dict(zip(_NAMES, row, strict=True))) for row in rows.all()]


def rows_of(ids: Iterable[int]) -> list[ImageRow]:
    """Return the rows of those of these ids that there are, in their order, deleted ones too."""
    places = {each: place for place, each in enumerate(ids)}
    rows = [
        row
        for batch in batches(each for each in places if each in IDS)
        for row in read_rows(IMAGE_ROWS.where(IMAGES.c.id.in_(batch)))
    ]
    return sorted(rows, key=lambda row: places[row.id])
