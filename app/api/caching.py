"""What a caller may keep, and how it asks whether that is current still (RFC 9110 and 9111).

Every answer to a GET carries an ETag. A list of images has one that is known before the list is: the
history's revision, so that asking again costs one small row. Other JSON has a hash of what it says,
which saves its bytes and no more.
"""

from __future__ import annotations

from hashlib import blake2b, sha256
from http import HTTPStatus

from flask import Response, request

from app import __version__
from app.extensions import current_settings
from app.models import history_revision

KEPT = {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED}


def list_tag() -> str:
    """Return the weak tag of the list of images that is being asked for.

    To be called before anything of the list is read.
    """
    # What else a list depends on: how the links begin, and how many entries a page has of itself.
    parts = (__version__, request.script_root, str(current_settings().page_size))
    asked = "\0".join(parts).encode() + b"\0" + request.query_string
    return f"{history_revision.current():x}-{sha256(asked).hexdigest()[:16]}"


def has(tag: str) -> bool:
    """Tell whether the caller says that it has what `tag` names; `*` names nothing in particular."""
    kept = request.if_none_match
    return not kept.star_tag and kept.contains_weak(tag)


def unchanged(tag: str) -> Response:
    """Return 304: what the caller kept under this weak tag is current still."""
    response = Response(status=HTTPStatus.NOT_MODIFIED, mimetype="application/json")
    response.set_etag(tag, weak=True)
    return _kept_by_its_owner(response)


def finish(response: Response) -> Response:
    """Say of an answer to a GET how it may be kept; make it 304 where the caller has it already.

    Pictures see to that themselves.
    """
    if request.method not in {"GET", "HEAD"} or response.status_code not in KEPT:
        return response
    _kept_by_its_owner(response)
    if response.mimetype != "application/json" or response.status_code != HTTPStatus.OK:
        return response
    tag, _ = response.get_etag()
    if tag is None:
        tag = blake2b(response.get_data(), digest_size=12).hexdigest()
        response.set_etag(tag, weak=True)
    if "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(tag):
        response.status_code = HTTPStatus.NOT_MODIFIED
        response.set_data(b"")
    return response


def _kept_by_its_owner(response: Response) -> Response:
    """Let the caller alone keep it, and ask each time whether it is current."""
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers.setdefault("Vary", "Authorization")
    return response
