"""`images list`: a page of the history, or so many of it."""

from __future__ import annotations

from collections.abc import Iterator

from app.cli.output import Columns, Output
from app.cli.table import shorten
from app.cli.times import heading, read
from app.extensions import current_settings
from app.models.cursor import Cursor
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.image_row import ImageRow
from app.models.page import Slice
from app.services.records import IMAGE_FIELDS, row_record


def print_page(wanted: ImageFilter, page: int, per_page: int | None, output: Output) -> None:
    """Print a numbered page, and how many there are. Raises InvalidInput for one that cannot be."""
    found = ImageManager().page(wanted, page, per_page or current_settings().page_size)
    output.rows(map(row_record, found), columns(), fields=IMAGE_FIELDS)
    more = " or more" if found.capped else ""
    output.remark(f"Page {page} of {max(found.pages, 1)}, {found.total}{more} in all.")


def print_some(
    wanted: ImageFilter, said: object, cursor: str | None, limit: int | None, output: Output
) -> None:
    """Print as many as are asked for from a cursor on, and where to go on. Raises InvalidInput.

    A cursor is for what was `said`, and not for the filter: the latter differs each time for 7d.
    """
    start = Cursor.decode(cursor, said) if cursor else None
    walk = _Walk(wanted, start, limit or current_settings().page_size)
    output.rows(map(row_record, walk), columns(), fields=IMAGE_FIELDS)
    if walk.after:
        output.note(f"There are more: --cursor {walk.after.encode(said)}")


def columns() -> Columns:
    """Return what a table shows of images."""
    return {
        "ID": lambda image: image["id"],
        heading("CREATED"): lambda image: read(image["created_at"]),
        "MODEL": lambda image: image["model"],
        "PROMPT": lambda image: shorten(image["prompt"]),
    }


class _Walk:
    """Goes through images slice by slice; `after` is then where it stopped, if more come."""

    def __init__(self, wanted: ImageFilter, start: Cursor | None, limit: int) -> None:
        self._wanted = wanted
        self._limit = limit
        self.after = start

    def __iter__(self) -> Iterator[ImageRow]:
        left = self._limit
        while left:
            found = self._next(left)
            yield from found.items
            left -= len(found.items)
            self.after = found.after
            if found.after is None:
                return

    def _next(self, left: int) -> Slice[ImageRow]:
        most = current_settings().max_page_size
        return ImageManager().slice(self._wanted, self.after, min(left, most))
