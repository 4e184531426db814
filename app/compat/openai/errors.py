"""Problems as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, g, json, request

from app.compat.openai.refusals import refusals
from app.compat.openai.retry_count import retry_count
from app.errors import ProofsheetError

PROBLEM = "application/problem+json"
INVALID = "invalid_request_error"
# What OpenAI calls a request that its models refuse.
REFUSED = "image_generation_user_error"
BROKEN = "server_error"
SHOULD_RETRY = "X-Should-Retry"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Said:
    """How OpenAI would say it; None: as the problem has it."""

    status: int | None = None
    type: str | None = None
    code: str | None = None
    param: str | None = None


# By the code of the problem. What is not here keeps its status and its code.
SAID = {
    "bad_request": Said(400),
    "invalid_input": Said(400, code="invalid_value"),
    "invalid_prompt": Said(400, param="prompt"),
    "invalid_picture": Said(400, code="invalid_image"),
    "unsupported_picture": Said(400, code="invalid_image"),
    "picture_too_large": Said(413, code="image_too_large"),
    "unsupported_media_type": Said(400, code="unsupported_content_type"),
    "unauthorized": Said(401, code="invalid_api_key"),
    "forbidden": Said(403, code="insufficient_permissions"),
    "not_found": Said(404),
    "model_not_found": Said(404, param="model"),
    "content_blocked": Said(400, REFUSED, "moderation_blocked", "prompt"),
    "no_image": Said(422, REFUSED),
    "too_many_requests": Said(429, "requests", "rate_limit_exceeded"),
    "rate_limited": Said(429, "requests", "rate_limit_exceeded"),
    "quota_exhausted": Said(429, "insufficient_quota", "insufficient_quota"),
    "over_budget": Said(429, "insufficient_quota", "insufficient_quota"),
    "unpriced": Said(400, param="model"),
    "busy": Said(503, code="server_busy"),
    "provider_auth": Said(502, BROKEN),
}
# Nothing was begun, and later the same request will do.
WILL_DO_LATER = {"busy", "too_many_requests"}
# What clients send again of themselves, unless they are told not to.
SENT_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
NOTHING_HERE = (
    "There is nothing at this address. Proofsheet answers POST /v1/images/generations, "
    "POST /v1/images/edits, GET /v1/models and GET /v1/models/{name}."
)
# Our names of what they call otherwise.
PARAMS = {"input_images": "image"}


def as_openai(response: Response) -> Response:
    """Return a problem in OpenAI's shape; any other answer as it is."""
    if response.mimetype != PROBLEM:
        return response
    problem = json.loads(response.get_data())
    if request.url_rule is None and response.status_code == HTTPStatus.NOT_FOUND:
        problem["detail"] = NOTHING_HERE
    said = SAID.get(problem["code"], Said())
    response.status_code = said.status or problem["status"]
    response.set_data(json.dumps({"error": _error(problem, said)}) + "\n")
    response.mimetype = "application/json"
    # Only what was asked may cost something: reading again is the client's own business.
    if request.method not in SAFE_METHODS and is_sent_again(response.status_code):
        later = problem["code"] in WILL_DO_LATER
        if later and _has_a_key():
            refusals().note(retry_count())
        response.headers[SHOULD_RETRY] = "true" if later else "false"
    return response


def is_sent_again(status: int) -> bool:
    """Tell whether a client sends a request again by itself that was answered so."""
    return status in SENT_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _has_a_key() -> bool:
    """Tell whether it came with a key that is one: of other requests no body is read."""
    allowance = g.get("allowance")
    return allowance is None or allowance.policy != "wrong-keys"


def error_of(error: ProofsheetError) -> dict[str, Any]:
    """Return the error that a stream tells, whose status has gone out long ago."""
    more = {
        "generation_id": getattr(error, "generation_id", None),
        "reason": getattr(error, "reason", None),
    }
    problem = {"detail": str(error), "code": error.code, "status": 500, **more}
    return _error(problem, SAID.get(error.code, Said()))


def _error(problem: dict[str, Any], said: Said) -> dict[str, Any]:
    status = said.status or problem["status"]
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    error = {
        "message": problem["detail"],
        "type": said.type or (BROKEN if broken else INVALID),
        "param": _param(problem) or said.param,
        "code": said.code or problem["code"],
    }
    # Beyond OpenAI's own: where in the history it is, and the provider's word for a refusal.
    more = {"generation": problem.get("generation_id"), "reason": problem.get("reason")}
    return {**error, **{name: value for name, value in more.items() if value}}


def _param(problem: dict[str, Any]) -> str | None:
    fields = [each["field"] for each in problem.get("errors", ())]
    return PARAMS.get(fields[0], fields[0]) if fields else None
