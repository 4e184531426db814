"""Every error as `application/problem+json` (RFC 9457): type, title, status, detail, code."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, json, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from app.api.validation import InvalidFields
from app.errors import (
    GenerationFailed,
    InvalidInput,
    OtherNumber,
    OverBudget,
    ProofsheetError,
    TooManyRequests,
)
from app.logs import tell_fault, told_path
from app.services.database_trouble import trouble_of
from app.services.records import budget_record

# By code, not by class: a generation's failure is answered long after its exception is gone.
STATUS = {
    "invalid_input": 422,
    "invalid_prompt": 422,
    "invalid_template": 422,
    "invalid_picture": 422,
    "unsupported_picture": 415,
    "picture_too_large": 413,
    "not_found": 404,
    "gone": 410,
    "conflict": 409,
    "idempotency_key_reused": 409,
    "precondition_failed": 412,
    "busy": 429,
    "too_many_requests": 429,
    "over_budget": 402,
    "unpriced": 402,
    "provider_not_configured": 503,
    "provider_rejected": 400,
    "provider_auth": 502,
    "model_not_found": 404,
    "rate_limited": 429,
    "quota_exhausted": 429,
    "provider_unavailable": 503,
    "provider_failed": 503,
    "provider_timeout": 504,
    "provider_bad_answer": 502,
    "content_blocked": 422,
    "no_image": 422,
    "interrupted": 503,
    "not_kept": 503,
    "input_gone": 409,
    "expired": 503,
    "cancelled": 409,
    "still_running": 504,
}
# What clients ask for when their base address lacks its last part, and what that is.
BASES = {
    "/images/generations": ("/v1", "OpenAI's"),
    "/images/edits": ("/v1", "OpenAI's"),
    "/models": ("/v1", "OpenAI's"),
    "/v1beta": ("/gemini", "Google's"),
    "/v1alpha": ("/gemini", "Google's"),
}
KEPT_HEADERS = {"Allow", "WWW-Authenticate", "Retry-After", "Content-Range"}


def init_app(app: Flask) -> None:
    """Answer every error of `app` as a problem: on the app, since blueprints miss unknown URLs."""
    app.register_error_handler(ProofsheetError, _domain_problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(DBAPIError, _database_problem)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, detail: str, code: str, **more: Any) -> Response:
    """Return one problem; fields that are None are left out."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **{name: value for name, value in more.items() if value is not None},
    }
    return Response(json.dumps(body) + "\n", status, mimetype="application/problem+json")


def _domain_problem(error: ProofsheetError) -> Response:
    status = STATUS.get(error.code, 500)
    more: dict[str, Any] = {}
    if isinstance(error, InvalidFields):
        more["errors"] = error.errors
    if isinstance(error, InvalidInput) and error.field:
        more["errors"] = [{"field": error.field, "message": str(error)}]
    if isinstance(error, GenerationFailed):
        more = {"generation_id": error.generation_id, "reason": error.reason}
    if isinstance(error, OtherNumber):
        more["matched"] = error.matched
    if isinstance(error, OverBudget):
        more["budget"] = budget_record(error.budget)
    if isinstance(error, TooManyRequests):
        g.allowance = error.allowance
    response = problem(status, str(error), error.code, **more)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(retry_after))
    return response


def _http_problem(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return Response(error.get_response().get_data(), error.code, error.get_headers())
    headers = error.get_headers(request.environ)
    kept = [each for each in headers if each[0] in KEPT_HEADERS]
    code = HTTPStatus(error.code).name.lower()
    response = problem(error.code, _detail(error, dict(kept)), code)
    response.headers.extend(kept)
    return response


def _detail(error: HTTPException, headers: dict[str, str]) -> str:
    """Say what to do, where Werkzeug's stock sentence does not."""
    if type(error).description != error.description:
        return error.description or ""
    match error.code:
        case HTTPStatus.NOT_FOUND:
            return f"There is nothing at this address; {_where_else()}."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"This address takes {headers.get('Allow', 'other methods')}."
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            most = current_app.config["MAX_CONTENT_LENGTH"]
            return f"The body is over {most:,} bytes, the limit of PROOFSHEET_MAX_REQUEST_BYTES."
        case HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return f"The file has no such part: {headers.get('Content-Range', '')}."
    return error.description or ""


def _where_else() -> str:
    """Say at which address there is something."""
    for start, (base, whose) in BASES.items():
        if request.path.startswith(start):
            return f"the base address for {whose} clients ends in {base}"
    return "/api names those that there are"


def _database_problem(error: DBAPIError) -> Response:
    """Tell a database that is away or busy from a fault of our own."""
    trouble = trouble_of(error)
    if trouble is None:
        return _unexpected(error)
    _tell(error)
    response = problem(503, trouble, "database_unavailable")
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(error: Exception) -> Response:
    _tell(error)
    return problem(500, "Something broke on our side. It has been logged.", "internal")


def _tell(error: Exception) -> None:
    # Without the query string, which may hold a prompt.
    tell_fault(error, method=request.method, path=told_path(request.path))
