"""Who may call what: every route under /api says which role it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Response, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from app.errors import Allowance
from app.models import Role
from app.services.keys import KeyHolder, authenticate
from app.services.rate_limits import MINUTE, RateLimits
from app.session_cookie import SAFE_METHODS, require_own_page, session_holder

View = TypeVar("View", bound=Callable[..., Any])
_roles: dict[Callable[..., Any], Role] = {}
CHALLENGE = WWWAuthenticate("bearer", {"realm": "Proofsheet"})


def requires(role: Role) -> Callable[[View], View]:
    """Declare the role that a view needs. A view without it answers nobody."""

    def declare(view: View) -> View:
        _roles[view] = role
        return view

    return declare


def role_of(view: Callable[..., Any]) -> Role | None:
    """Return the role that a view needs; None: it is open, or never answers."""
    return _roles.get(view)


def check_key() -> None:
    """Let a request pass whose key has the role of its view.

    Raises 401 or 403, or TooManyRequests when the key, or whoever tries keys, asks too often.
    """
    view = current_app.view_functions[cast(str, request.endpoint)]
    role = _roles[view]
    holder = _holder()
    g.key_holder = holder
    if not holder.role.includes(role):
        raise Forbidden(f"This needs a key with the role {role}; yours is {holder.role}.")


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


def _holder() -> KeyHolder:
    if request.authorization is None and (found := session_holder()):
        require_own_page()
        # Who scrolls reads a picture with each tile: that is not counted.
        if request.method not in SAFE_METHODS:
            g.allowance = _limits().count_request(found)
        return found
    holder = _key_holder()
    g.allowance = _limits().count_request(holder)
    return holder


def _key_holder() -> KeyHolder:
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        raise Unauthorized("Send a key: Authorization: Bearer ps_…", www_authenticate=CHALLENGE)
    holder = authenticate(credentials.token)
    if holder is None:
        g.allowance = _limits().count_wrong_key(request.remote_addr)
        raise Unauthorized("This key is unknown or revoked.", www_authenticate=CHALLENGE)
    return holder


def _limits() -> RateLimits:
    return cast(RateLimits, current_app.extensions["rate_limits"])
