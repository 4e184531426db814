"""Problems in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

from flask import Response, json

PROBLEM = "application/problem+json"


def as_openai(response: Response) -> Response:
    """Return a problem in OpenAI's shape; any other answer as it is."""
    if response.mimetype != PROBLEM:
        return response
    problem = json.loads(response.get_data())
    error = {
        "message": problem["detail"],
        "type": "invalid_request_error",
        "param": None,
        "code": problem["code"],
    }
    response.set_data(json.dumps({"error": error}))
    response.mimetype = "application/json"
    return response
