"""Bodies of requests, read whole and within a limit, for every face alike."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Flask, Response, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.formparser import FormDataParser

from app.extensions import current_settings
from config import variables

FORM = "multipart/form-data"
# More than that is not read for nothing: the connection breaks off instead.
MOST_UNREAD = 16 * 1024 * 1024
CHUNK = 64 * 1024


def init_app(app: Flask) -> None:
    """Read the bodies of requests to their end, also where the answer did not take it."""
    app.after_request(_read_rest)


def read_body(limit: str = "max_request_bytes") -> bytes:
    """Return the body as it came; `limit` is the setting that bounds it. Raises 413."""
    most = getattr(current_settings(), limit)
    request.max_content_length = most
    with suppress(RequestEntityTooLarge):
        body = request.get_data()
        # A body in chunks is cut at the limit without a word.
        if request.content_length is not None or len(body) < most:
            return body
    raise RequestEntityTooLarge(
        f"The body is over {most:,} bytes, the limit of {variables(limit)[0]}."
    )


def read_form() -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """Return the texts and the files of a multipart form. Raises 400, 413 or 415."""
    if request.mimetype != FORM:
        raise UnsupportedMediaType(f"Send a form with files, as {FORM}.")
    if not request.mimetype_params.get("boundary"):
        raise BadRequest(
            f"The Content-Type names no boundary: {FORM}; boundary=… is what your client sets by "
            "itself, unless told otherwise."
        )
    most = current_settings().max_upload_bytes
    request.max_content_length = most
    request.form_data_parser_class = _Parser
    try:
        return request.form, request.files
    except RequestEntityTooLarge as error:
        raise RequestEntityTooLarge(
            f"The upload is over {most:,} bytes, the limit of PROOFSHEET_MAX_UPLOAD_BYTES, or its "
            "texts are too long."
        ) from error
    except UnicodeError as error:
        raise BadRequest(
            "A name in the form, that of a field or of a file, is not UTF-8."
        ) from error
    except ValueError as error:
        raise BadRequest(
            "The form is cut short, or its parts are not set off by its boundary."
        ) from error


class _Parser(FormDataParser):
    """One that tells what is wrong with a form, where Flask's finds an empty one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{**more, "silent": False})


def _read_rest(response: Response) -> Response:
    """Let a client finish sending what nobody read, such as an upload with a wrong key.

    The server closes a connection with an unread rest, and clients that are still sending find it
    broken where they should find the answer. Who asks before sending is told not to by the answer.
    """
    if 0 < (request.content_length or 0) <= MOST_UNREAD and "Expect" not in request.headers:
        request.max_content_length = MOST_UNREAD
        with suppress(HTTPException, OSError):  # the client has gone
            while request.stream.read(CHUNK):
                continue
    return response
