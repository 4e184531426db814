"""Bodies of requests, read whole and within a limit, for every face alike."""

from __future__ import annotations

from contextlib import suppress

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from app.extensions import current_settings
from config import variables


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
