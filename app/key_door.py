"""The door of those who come with a key: whose it is, and how often they may ask.

All faces that programs use share it.
"""

from __future__ import annotations

from typing import cast

from flask import Response, current_app, g, request
from werkzeug.exceptions import Unauthorized

from app.errors import Allowance
from app.services.keys import KeyHolder, authenticate
from app.services.rate_limits import MINUTE, RateLimits


def holder_of_key(token: str) -> KeyHolder:
    """Return who holds a key, and count the request towards their limit.

    Raises Unauthorized for a key that is unknown or revoked, and TooManyRequests when the key, or
    whoever tries keys, asks too often.
    """
    holder = authenticate(token)
    if holder is None:
        g.allowance = _limits().count_wrong_key(request.remote_addr)
        raise Unauthorized("This key is unknown or revoked.")
    count_request(holder)
    return holder


def count_request(holder: KeyHolder) -> None:
    """Count a request towards the limit of whoever sent it. Raises TooManyRequests."""
    g.allowance = _limits().count_request(holder)


def bearer_token() -> str | None:
    """Return the key in `Authorization: Bearer` of the request, or None."""
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer":
        return None
    return credentials.token or None


def key_holder() -> KeyHolder:
    """Return who sent the current request."""
    return cast(KeyHolder, g.key_holder)


def tell_allowance(response: Response) -> Response:
    """Say how often the caller may still ask, in the fields of draft-ietf-httpapi-ratelimit-headers."""
    left: Allowance | None = g.get("allowance")
    if left is not None:
        response.headers["RateLimit-Policy"] = f'"{left.policy}";q={left.most};w={MINUTE}'
        response.headers["RateLimit"] = f'"{left.policy}";r={left.remaining};t={left.seconds}'
    return response


def _limits() -> RateLimits:
    return cast(RateLimits, current_app.extensions["rate_limits"])
