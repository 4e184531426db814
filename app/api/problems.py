"""Every error as `application/problem+json` (RFC 9457): type, title, status, detail, code."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from app.api.validation import InvalidFields
from app.errors import GenerationFailed, InvalidInput, ProofsheetError

# By code, not by class: a generation's failure is answered long after its exception is gone.
STATUS = {
    "invalid_input": 422,
    "invalid_prompt": 422,
    "invalid_template": 422,
    "invalid_picture": 422,
    "unsupported_picture": 415,
    "picture_too_large": 413,
    "not_found": 404,
    "conflict": 409,
    "busy": 429,
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
}


def init_app(app: Flask) -> None:
    """Answer every error of `app` as a problem: on the app, since blueprints miss unknown URLs."""
    app.register_error_handler(ProofsheetError, _domain_problem)
    app.register_error_handler(HTTPException, _http_problem)
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
    return Response(json.dumps(body), status, mimetype="application/problem+json")


def _domain_problem(error: ProofsheetError) -> Response:
    status = STATUS.get(error.code, 500)
    more: dict[str, Any] = {}
    if isinstance(error, InvalidFields):
        more["errors"] = error.errors
    if isinstance(error, InvalidInput) and error.field:
        more["errors"] = [{"field": error.field, "message": str(error)}]
    if isinstance(error, GenerationFailed):
        more = {"generation_id": error.generation_id, "reason": error.reason}
    response = problem(status, str(error), error.code, **more)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(retry_after))
    return response


def _http_problem(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return Response(error.get_response().get_data(), error.code, error.get_headers())
    code = HTTPStatus(error.code).name.lower()
    response = problem(error.code, error.description or "", code)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "WWW-Authenticate", "Retry-After", "Content-Range"}:
            response.headers.add(name, value)
    return response


def _unexpected(error: Exception) -> Response:
    current_app.logger.error("%s %s broke", request.method, request.path, exc_info=error)
    return problem(500, "Something broke on our side. It has been logged.", "internal")
