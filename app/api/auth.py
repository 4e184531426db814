"""Who may call what: every route under /api says which role it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from app.key_door import bearer_token, count_request, holder_of_key
from app.models import Role
from app.services.keys import KeyHolder
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


def _holder() -> KeyHolder:
    if request.authorization is None and (found := session_holder()):
        require_own_page()
        # Who scrolls reads a picture with each tile: that is not counted.
        if request.method not in SAFE_METHODS:
            count_request(found)
        return found
    token = bearer_token()
    if token is None:
        raise Unauthorized("Send a key: Authorization: Bearer ps_…", www_authenticate=CHALLENGE)
    try:
        return holder_of_key(token)
    except Unauthorized as error:
        raise Unauthorized(error.description, www_authenticate=CHALLENGE) from error
