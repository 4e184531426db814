"""Bodies of requests, read whole and within a limit, for every face alike."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.formparser import FormDataParser

from app import body_stream
from app.body_stream import BodyStream
from app.errors import Busy
from app.extensions import current_settings
from config import variables

FORM = "multipart/form-data"
# More than that is not read for nothing: the connection breaks off instead.
MOST_UNREAD = 16 * 1024 * 1024
CHUNK = 64 * 1024


def init_app(app: Flask) -> None:
    """Read bodies in turns, and some to their end where the answer did not take it."""
    body_stream.init_app(app)
    app.after_request(_read_rest)


def read_body(limit: str = "max_request_bytes", at_most: int | None = None) -> bytes:
    """Return the body as it came; `limit` is the setting that bounds it, `at_most` does, too.

    Raises 413.
    """
    most = getattr(current_settings(), limit)
    told = f"the limit of {variables(limit)[0]}"
    if at_most is not None and at_most < most:
        most, told = at_most, "the most that is taken here"
    request.max_content_length = most
    with suppress(RequestEntityTooLarge):
        body = request.get_data()
        # A body in chunks is cut at the limit without a word.
        if request.content_length is not None or len(body) < most:
            return body
    raise RequestEntityTooLarge(f"The body is over {most:,} bytes, {told}.")


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
    """Let a client whose key is good finish sending what nobody read, such as a form with a fault.

    The server closes a connection with an unread rest, and some clients that are still sending find
    it broken where they should find the answer. Of others nothing is read: who need not have a key
    could have all threads wait. Who asks before sending is told not to by the answer.
    """
    stream = body_stream.of_request()
    if "key_holder" in g and "Expect" not in request.headers:
        _read_some(stream)
    if not stream.is_read():
        response.headers["Connection"] = "close"
    return response


def _read_some(stream: BodyStream) -> None:
    length = request.content_length or 0
    # The client has gone, or too many are being waited for.
    with suppress(HTTPException, OSError, Busy):
        while length <= MOST_UNREAD and stream.taken < length:
            if not stream.read(min(CHUNK, length - stream.taken)):
                return
