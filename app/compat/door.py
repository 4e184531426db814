"""Who may call what of other services' wires: every view says which role it needs. No cookies count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, request
from werkzeug.exceptions import Forbidden, Unauthorized

from app.key_door import holder_of_key
from app.models import Role

View = TypeVar("View", bound=Callable[..., Any])
_roles: dict[Callable[..., Any], Role | None] = {}


def needs(role: Role) -> Callable[[View], View]:
    """Declare the role that a view needs. A view without a word on this answers nobody."""

    def declare(view: View) -> View:
        _roles[view] = role
        return view

    return declare


def open_to_all(view: View) -> View:
    """Declare that a view needs no key."""
    _roles[view] = None
    return view


def role_of(view: Callable[..., Any]) -> Role | None:
    """Return the role that a view needs; None: none. Raises KeyError where nothing is declared."""
    return _roles[view]


def check(token: str | None, *, how: str) -> None:
    """Let a request pass whose key, as it came, has the role of its view.

    Raises Unauthorized, which tells `how` a key is sent, Forbidden or TooManyRequests.
    """
    role = _roles[current_app.view_functions[cast(str, request.endpoint)]]
    if role is None:
        return
    if not token:
        raise Unauthorized(f"Send a key of Proofsheet: {how}.")
    holder = g.key_holder = holder_of_key(token)
    if not holder.role.includes(role):
        raise Forbidden(f"This needs a key with the role {role}; yours is {holder.role}.")
