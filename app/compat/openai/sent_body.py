"""What tells the body of the present request from others, however often a client sends it."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

from flask import g, request
from werkzeug.exceptions import HTTPException

from app.errors import Busy
from app.request_body import CHUNK, FORM, MOST_UNREAD


def body_digest() -> bytes | None:
    """Return it; None for a body that is not worth reading for this, or has not come whole.

    Of a form: that of its fields and files, since clients part them otherwise each time they send it.
    """
    if "body_digest" not in g:
        g.body_digest = None
        with suppress(HTTPException, OSError, ValueError, Busy):
            g.body_digest = _form() if request.mimetype == FORM else _whole()
    return g.body_digest  # type: ignore[no-any-return]


def _whole() -> bytes:
    _read_no_more_than_a_little()
    return sha256(request.get_data()).digest()


def _form() -> bytes:
    _read_no_more_than_a_little()
    found = sha256(repr(list(request.form.items(multi=True))).encode("utf-8", "replace"))
    for name, file in request.files.items(multi=True):
        file.stream.seek(0)
        data = sha256()
        while chunk := file.stream.read(CHUNK):
            data.update(chunk)
        file.stream.seek(0)
        said = repr((name, file.filename, data.hexdigest()))
        found.update(said.encode("utf-8", "replace"))
    return found.digest()


def _read_no_more_than_a_little() -> None:
    """Bound what is read here for the first time; what was read before stays whole."""
    request.max_content_length = MOST_UNREAD
