"""Pictures as answers: whole or in part, to be looked at or saved, by a name made of their prompt."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from flask import Response

from app.api.preconditions import is_unchanged, part_of
from app.models.picture_file import PictureFile
from app.services.file_names import ascii_file_name, file_name

# What a picture may do when it is opened by itself: be looked at.
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
YEAR_SECONDS = 365 * 24 * 3600


def picture_answer(picture: PictureFile, version: str | None, *, save: bool) -> Response:
    """Answer with bytes, or with 304 without reading them.

    Raises PreconditionFailed or RequestedRangeNotSatisfiable. `version` is how the caller's link
    names the bytes; `save` asks the browser to put the picture into a file.
    """
    response = Response(mimetype=picture.mime_type)
    response.set_etag(picture.etag)
    # HTTP tells whole seconds.
    modified = picture.created_at.replace(microsecond=0)
    response.last_modified = modified
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = _disposition(picture, save=save)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = _caching(picture, version)
    if is_unchanged(picture.etag, modified):
        response.status_code = HTTPStatus.NOT_MODIFIED
        return response
    data = picture.read()
    part = part_of(len(data), picture.etag, modified)
    if part is not None:
        start, stop = part
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
        data = data[start:stop]
    response.set_data(data)
    return response


def _disposition(picture: PictureFile, *, save: bool) -> str:
    """Return the header with the name twice: in ASCII, and in full (RFC 6266, RFC 8187)."""
    # The size tells a thumbnail from the picture itself.
    named = picture.id, picture.prompt, picture.mime_type, str(picture.size or "")
    plain, full = ascii_file_name(*named), quote(file_name(*named), safe="")
    way = "attachment" if save else "inline"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{full}"


def _caching(picture: PictureFile, version: str | None) -> str:
    """A link that names the bytes may be kept for ever; a bare id must be asked for again."""
    if version and picture.sha256.startswith(version):
        return f"private, max-age={YEAR_SECONDS}, immutable"
    return "private, no-cache"
