"""Every request has an id and a line in the log, and is counted, whichever face it is for."""

from __future__ import annotations

import re
import time

from flask import Flask, Response, g, request
from ulid import ULID

from app.extensions import measures
from app.logs import tell, told_path, work_for

HEADER = "X-Request-Id"
# Such as a UUID, a ULID or a trace's id. Of whoever sends another one, none is taken.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LONGEST_PATH = 500


def init_app(app: Flask) -> None:
    """Log the requests to `app`. Before all other doors, so that nothing is refused unseen."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(lambda _error: work_for(None))


def _begin() -> None:
    g.began = time.perf_counter()
    sent = request.headers.get(HEADER, "")
    g.request_id = sent if ID.fullmatch(sent) else str(ULID())
    work_for(g.request_id)


def _end(response: Response) -> Response:
    took = time.perf_counter() - g.began
    response.headers[HEADER] = g.request_id
    holder = g.get("key_holder")
    tell(
        "request",
        method=request.method,
        # Without the query string, which may hold a prompt.
        path=told_path(request.path)[:LONGEST_PATH],
        status=response.status_code,
        duration_ms=round(took * 1000, 1),
        bytes=response.content_length,
        key=holder.name if holder else None,
        remote_addr=request.remote_addr,
        request_id=g.request_id,
    )
    # Names that anybody can make up would be counted without end.
    method = request.method if request.method in METHODS else "other"
    route = request.url_rule.rule if request.url_rule else "none"
    measures().count_request(method, route, response.status_code, took)
    return response
