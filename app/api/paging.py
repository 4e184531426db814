"""Pages as answers: the body, and the same ways on as `Link` headers (RFC 8288)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from app.api.shapes import rows_json
from app.models.cursor import Cursor
from app.models.image_filter import ImageFilter
from app.models.image_row import ImageRow
from app.models.page import Page, Slice


def page_answer(page: Page[ImageRow], wanted: ImageFilter, columns: set[str]) -> Response:
    """Return a numbered page; where more comes, its cursor is told too."""
    more = page.capped or page.page < page.pages
    after = Cursor(page[-1].position) if more and len(page) else None
    before = Cursor(page[0].position, backwards=True) if page.page > 1 and len(page) else None
    links = {
        "first": _url(page=1),
        "prev": _url(page=page.page - 1) if page.page > 1 else None,
        "next": _url(page=page.page + 1) if page.page < page.pages else None,
        "last": None if page.capped else _url(page=max(page.pages, 1)),
    }
    body = {
        "items": _items(page.items, columns),
        "page": page.page,
        "per_page": page.per_page,
        "total": page.total,
        "total_capped": page.capped,
        "pages": page.pages,
        "next_cursor": after.encode(wanted) if after else None,
        "prev_cursor": before.encode(wanted) if before else None,
    }
    return _answer(body, links)


def slice_answer(found: Slice[ImageRow], wanted: ImageFilter, columns: set[str]) -> Response:
    """Return a slice; numbers are null, since counting them is what a cursor saves."""
    numbers = dict.fromkeys(("page", "per_page", "total", "total_capped", "pages"))
    return cursor_answer({"items": _items(found.items, columns), **numbers}, found, wanted)


def cursor_answer(body: dict[str, Any], found: Slice[Any], wanted: object) -> Response:
    """Return the body of a slice of any list, with the ways on from there."""
    after = found.after.encode(wanted) if found.after else None
    before = found.before.encode(wanted) if found.before else None
    links = {
        "prev": _url(cursor=before) if before else None,
        "next": _url(cursor=after) if after else None,
    }
    return _answer({**body, "next_cursor": after, "prev_cursor": before}, links)


def _items(images: list[ImageRow], columns: set[str]) -> list[dict[str, Any]]:
    shown = rows_json(images)
    if not columns:
        return shown
    return [{name: value for name, value in each.items() if name in columns} for each in shown]


def _answer(body: dict[str, Any], links: dict[str, str | None]) -> Response:
    response = jsonify(body)
    ways = [f'<{url}>; rel="{name}"' for name, url in links.items() if url]
    if ways:
        response.headers["Link"] = ", ".join(ways)
    return response


def _url(**changes: Any) -> str:
    """Return the address of this list with some of its query changed."""
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    return f"{request.script_root}{request.path}?{urlencode(query, doseq=True)}"
