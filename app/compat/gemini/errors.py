"""Problems as Google's clients read them: `{"error": {"code", "message", "status", "details"}}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Response, g, json

PROBLEM: Final = "application/problem+json"
RETRY_INFO: Final = "type.googleapis.com/google.rpc.RetryInfo"
ERROR_INFO: Final = "type.googleapis.com/google.rpc.ErrorInfo"

# By the code of the problem, where Google would answer with another status than we do.
STATUS: Final = {
    "over_budget": 429,
    "unpriced": 400,
    "busy": 503,
    "no_image": 400,
    "content_blocked": 400,
    "provider_not_configured": 503,
}
# The names that Google gives to statuses; others are named by their first digit.
NAMES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
# Statuses that Google's clients do not know.
AS: Final = {402: 429, 405: 404, 410: 404, 412: 400, 415: 400, 422: 400}


def as_google(response: Response) -> Response:
    """Return a problem in Google's shape; any other answer as it is."""
    if response.mimetype != PROBLEM:
        return response
    problem = json.loads(response.get_data())
    retry_after = response.headers.get("Retry-After")
    error = google_error(problem, retry_after, g.pop("provider_details", ()))
    try:
        words = json.dumps({"error": error})
    except (TypeError, ValueError):  # what a provider says is no reason to answer in another shape
        error = google_error(problem, retry_after)
        words = json.dumps({"error": error})
    response.status_code = error["code"]
    response.set_data(words + "\n")
    response.mimetype = "application/json"
    return response


def google_error(
    problem: dict[str, Any],
    retry_after: str | None = None,
    more: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what Google would say of a problem; `more` is what the provider said beyond it."""
    status = STATUS.get(problem["code"], problem["status"])
    status = AS.get(status, status)
    unnamed = NAMES[400] if status < HTTPStatus.INTERNAL_SERVER_ERROR else NAMES[500]
    details = [*more]
    if retry_after and not any(each.get("@type") == RETRY_INFO for each in details):
        details.append({"@type": RETRY_INFO, "retryDelay": f"{retry_after}s"})
    metadata = {"generation": problem["generation_id"]} if "generation_id" in problem else {}
    details.append({
        "@type": ERROR_INFO,
        "reason": problem["code"].upper(),
        "domain": "proofsheet",
        **({"metadata": metadata} if metadata else {}),
    })  # fmt: skip
    return {
        "code": status,
        "message": problem["detail"],
        "status": NAMES.get(status, unnamed),
        "details": details,
    }
