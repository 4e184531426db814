"""What went wrong, as a page: to people who asked for one."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, json, request

from app.web.door import FRAGMENT, add_headers, holder_if_any
from app.web.rendering import page
from app.web.texts import say

PROBLEM = "application/problem+json"
# What programs ask: they are told in JSON, whatever they say that they accept.
FOR_PROGRAMS = ("/api/", "/v1/", "/gemini/", "/metrics", "/healthz", "/readyz")


def as_page(response: Response) -> Response:
    """Return a problem as a page, where a browser asked for one; all else as it is."""
    if response.mimetype != PROBLEM or not _wants_page():
        return response
    problem = json.loads(response.get_data())
    if request.routing_exception is not None:
        _recognise()
        if response.status_code == HTTPStatus.NOT_FOUND:
            problem["detail"] = say("error.missing")
    shown = page("error/index.html", response.status_code, problem=problem)
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            shown.headers[name] = response.headers[name]
    return add_headers(shown)


def _recognise() -> None:
    """Find who is logged in, where no view was found that had a door to ask."""
    try:
        holder_if_any()
    except Exception:  # noqa: BLE001 - the database may be away; this page is told without it
        return


def _wants_page() -> bool:
    if request.path.startswith(FOR_PROGRAMS) or FRAGMENT in request.headers:
        return False
    # Not all that is accepted: curl accepts */*.
    return "text/html" in request.headers.get("Accept", "")
