"""Problems in Google's shape: `{"error": {"code", "message", "status"}}`."""

from __future__ import annotations

from flask import Response, json

PROBLEM = "application/problem+json"


def as_google(response: Response) -> Response:
    """Return a problem in Google's shape; any other answer as it is."""
    if response.mimetype != PROBLEM:
        return response
    problem = json.loads(response.get_data())
    error = {"code": response.status_code, "message": problem["detail"], "status": "UNKNOWN"}
    response.set_data(json.dumps({"error": error}))
    response.mimetype = "application/json"
    return response
