"""Conditional requests and ranges, in the order of RFC 9110 (13.2.2 and 14.2).

Werkzeug's own would answer a failed If-Match with 304, a list of ranges with 416 and HEAD with a part.
"""

from __future__ import annotations

import re
from datetime import datetime

from flask import request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_date, quote_etag

from app.errors import PreconditionFailed

# More digits than any file's length has are no range.
ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def is_unchanged(etag: str, last_modified: datetime) -> bool:
    """Tell whether the caller has what it asks for: 304 then.

    `etag` is strong, `last_modified` without a fraction of a second. Raises PreconditionFailed (412)
    when the caller wants something else than there is.
    """
    given = request.environ
    if "HTTP_IF_MATCH" in given:
        _require(request.if_match.contains(etag))
    elif moment := request.if_unmodified_since:
        _require(last_modified <= moment)
    if "HTTP_IF_NONE_MATCH" in given:
        return bool(request.if_none_match.contains_weak(etag))
    since = request.if_modified_since
    return since is not None and last_modified <= since


def part_of(length: int, etag: str, last_modified: datetime) -> tuple[int, int] | None:
    """Return from which byte up to before which the caller wants; None for all of it.

    A Range that is malformed, of another unit, or of several parts is not heeded. Raises
    RequestedRangeNotSatisfiable (416).
    """
    given = request.environ
    asked = ONE_RANGE.fullmatch(given.get("HTTP_RANGE", ""))
    if asked is None or request.method != "GET" or not _is_still(etag, last_modified):
        return None
    first, last = asked.groups()
    if not first and not last:
        return None
    if not first:
        start, stop = max(length - int(last), 0), length
    else:
        start, stop = int(first), min(int(last) + 1 if last else length, length)
        if last and int(last) < int(first):
            return None
    if start >= length:
        raise RequestedRangeNotSatisfiable(length)
    return start, stop


def _is_still(etag: str, last_modified: datetime) -> bool:
    """Tell whether If-Range, where it is given, names what there is: exactly, and not weakly."""
    named = request.environ.get("HTTP_IF_RANGE", "").strip()
    return not named or named == quote_etag(etag) or parse_date(named) == last_modified


def _require(holds: bool) -> None:
    if not holds:
        raise PreconditionFailed("The picture is not, or no longer, the one that is meant.")
