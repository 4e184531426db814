"""What is exported, read in short parts: a history need not fit into memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import Column, select

from app.errors import NotFound
from app.extensions import current_settings, db
from app.models import (
    ApiKey,
    Batch,
    Generation,
    Image,
    PastPrompt,
    PromptTemplate,
    PurgedImage,
    SavedSearch,
)
from app.models.batches import BATCH as AT_ONCE
from app.models.batches import batches as batches_of
from app.models.image import IMAGES
from app.models.image_filter import ImageFilter
from app.models.image_pages import slice_of
from app.models.image_row import IMAGE_ROWS, ImageRow, read_rows
from app.models.types import IDS
from app.services.archive import kinds
from app.services.archive.fields import encoded
from app.services.file_names import file_name

Record = dict[str, Any]


def images(wanted: ImageFilter) -> Iterator[list[ImageRow]]:
    """Yield the images of a filter in its order, page by page."""
    size = current_settings().max_page_size
    page = slice_of(wanted, None, size)
    yield page.items
    while page.after is not None:
        page = slice_of(wanted, page.after, size)
        yield page.items


def images_of(ids: Collection[int]) -> Iterator[list[ImageRow]]:
    """Yield the images of ids, deleted ones too, in the order of their ids.

    Raises NotFound, before the first are yielded, where one is not there.
    """
    known = [each for each in sorted(set(ids)) if each in IDS]
    there: set[int] = set()
    for some in batches_of(known):
        there.update(db.session.scalars(select(Image.id).where(Image.id.in_(some))))
    if missing := sorted(set(ids) - there):
        raise NotFound(f"There is no image {missing[0]}.")
    for some in batches_of(known):
        yield read_rows(IMAGE_ROWS.where(IMAGES.c.id.in_(some)).order_by(IMAGES.c.id))


def picture_name(row: ImageRow) -> str:
    """Return the name of the file of a picture: the day, the first words, the id."""
    return f"{row.created_at:%Y-%m-%d}-{file_name(row.id, row.prompt, row.mime_type)}"


def image_record(row: ImageRow, file: str) -> Record:
    """Return what is exported of an image; `file` is the name of its picture."""
    return {
        **encoded(kinds.IMAGE, row.columns),
        "made_by": row.made_by,
        "tags": row.tags,
        "parents": row.parents,
        "past_prompt": row.prompt_id is not None,
        "file": file,
    }


def generations_of(rows: Iterable[ImageRow]) -> dict[str, Record]:
    """Return the generations of images, by their ids."""
    ids = {row.generation_id for row in rows} - {None}
    query = _query(kinds.GENERATION, Generation).where(Generation.id.in_(ids))
    return {row["id"]: _record(kinds.GENERATION, row) for row in _read(query)} if ids else {}


def generations() -> Iterator[Record]:
    """Yield all generations in the order they were asked for."""
    return _all(kinds.GENERATION, Generation)


def batches() -> Iterator[Record]:
    """Yield all batches in the order they were asked for."""
    return _all(kinds.BATCH, Batch)


def purged() -> Iterator[Record]:
    """Yield what stays of images that were purged."""
    return _all(kinds.PURGED, PurgedImage)


def prompts() -> Iterator[Record]:
    """Yield all past prompts."""
    return _all(kinds.PROMPT, PastPrompt)


def templates() -> Iterator[Record]:
    """Yield every version of every template, by name."""
    query = select(*kinds.TEMPLATE).order_by(PromptTemplate.name, PromptTemplate.version)
    return (encoded(kinds.TEMPLATE, row) for row in _read(query))


def searches() -> Iterator[Record]:
    """Yield all kept searches."""
    query = select(*kinds.SEARCH).order_by(SavedSearch.id)
    return (encoded(kinds.SEARCH, row) for row in _read(query))


def keys() -> Iterator[Record]:
    """Yield all keys by their names; nothing that could open a door."""
    query = select(*kinds.KEY).order_by(ApiKey.id)
    return (encoded(kinds.KEY, row) for row in _read(query))


def _all(columns: tuple[Column[Any], ...], model: Any) -> Iterator[Record]:
    query = _query(columns, model).order_by(model.id).limit(AT_ONCE)
    rows = _read(query)
    while rows:
        yield from (_record(columns, row) for row in rows)
        rows = _read(query.where(model.id > rows[-1]["row_id"]))


def _query(columns: tuple[Column[Any], ...], model: Any) -> Any:
    named = select(*columns, model.id.label("row_id"))
    if not hasattr(model, "api_key_id"):
        return named
    named = named.add_columns(ApiKey.name.label("made_by"))
    if model is Generation:
        named = named.add_columns(Generation.prompt_id.is_not(None).label("past_prompt"))
    return named.outerjoin_from(model, ApiKey, model.api_key_id == ApiKey.id)


def _record(columns: tuple[Column[Any], ...], row: Any) -> Record:
    more = {name: row[name] for name in ("made_by", "past_prompt") if name in row}
    return {**encoded(columns, row), **more}


def _read(query: Any) -> Any:
    # Through the connection: as rows of the session they would stay in memory.
    return db.session.connection().execute(query).mappings().all()
