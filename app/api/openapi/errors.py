"""Which errors a route can give: its own, and those that follow from what kind of route it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from app.api.problems import STATUS
from app.errors import ProofsheetError
from app.models import Role

# Codes that are not of the tree in app/errors.py: their status, and what they look like.
HTTP_ERRORS = {
    "bad_request": (400, "The body is not valid JSON."),
    "unauthorized": (401, "This key is unknown or revoked."),
    "forbidden": (403, "This needs a key with the role creator; yours is viewer."),
    "request_entity_too_large": (
        413,
        "The body is over 1,048,576 bytes, the limit of PROOFSHEET_MAX_REQUEST_BYTES.",
    ),
    "unsupported_media_type": (415, "Send JSON, with Content-Type: application/json."),
    "requested_range_not_satisfiable": (416, "The file has no such part: bytes */48213."),
    "internal": (500, "Something broke on our side. It has been logged."),
    "not_ready": (503, "The database is not ready; see the log."),
    "database_unavailable": (
        503,
        "The database cannot be used just now; try again. The server's log says why.",
    ),
}
# By status: what else such an answer carries.
ERROR_HEADERS = {
    401: ("WWW-Authenticate",),
    402: ("Retry-After",),
    416: ("Content-Range",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def derived(role: Role | None, *, path: bool, query: bool, body: bool) -> set[str]:
    """Return the codes that a route has for what it is: its role, parameters in its path, a query, a
    body.
    """
    # A host name that is not ours is a bad request to any route.
    codes = {"bad_request", "internal"}
    if role is not None:
        codes |= {"unauthorized", "too_many_requests", "database_unavailable"}
    # A session's cookie counts for requests of our own pages alone, where they change something.
    if role not in {None, Role.VIEWER} or (role and body):
        codes.add("forbidden")
    if path:
        codes.add("not_found")
    if query or body:
        codes.add("invalid_input")
    if body:
        codes |= {"request_entity_too_large", "unsupported_media_type"}
    return codes


def status_of(code: str) -> int:
    """Return the status that a code is answered with."""
    return STATUS[code] if code in STATUS else HTTP_ERRORS[code][0]


def example_of(code: str) -> dict[str, Any]:
    """Return what an error of this code looks like, as an OpenAPI example."""
    status = status_of(code)
    detail = HTTP_ERRORS[code][1] if code in HTTP_ERRORS else _meanings()[code]
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if code == "invalid_input":
        problem["errors"] = [{"field": "n", "message": detail}]
    return {"summary": code, "value": problem}


@cache
def _meanings() -> dict[str, str]:
    return {each.code: _first_sentence(each) for each in _tree(ProofsheetError)}


def _tree(error: type[ProofsheetError]) -> Iterator[type[ProofsheetError]]:
    for each in error.__subclasses__():
        yield from _tree(each)  # those below first: the one that gave the code its meaning wins
        yield each


def _first_sentence(error: type[ProofsheetError]) -> str:
    return " ".join((error.__doc__ or "").split("\n\n")[0].split())
