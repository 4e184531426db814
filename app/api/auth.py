"""Who may call what: every route under /api says which role it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from app.models import Role
from app.services.keys import KeyHolder, authenticate

View = TypeVar("View", bound=Callable[..., Any])
_roles: dict[Callable[..., Any], Role] = {}
CHALLENGE = WWWAuthenticate("bearer", {"realm": "Proofsheet"})


def requires(role: Role) -> Callable[[View], View]:
    """Declare the role that a view needs. A view without it answers nobody."""

    def declare(view: View) -> View:
        _roles[view] = role
        return view

    return declare


def check_key() -> None:
    """Let a request pass whose key has the role of its view. Raises 401 or 403."""
    view = current_app.view_functions[cast(str, request.endpoint)]
    role = _roles[view]
    holder = _holder()
    if not holder.role.includes(role):
        raise Forbidden(f"This needs a key with the role {role}; yours is {holder.role}.")
    g.key_holder = holder


def key_holder() -> KeyHolder:
    """Return who sent the current request."""
    return cast(KeyHolder, g.key_holder)


def _holder() -> KeyHolder:
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        raise Unauthorized("Send a key: Authorization: Bearer ps_…", www_authenticate=CHALLENGE)
    holder = authenticate(credentials.token)
    if holder is None:
        raise Unauthorized("This key is unknown or revoked.", www_authenticate=CHALLENGE)
    return holder
