"""Who may call what of other services' wires: every view says which role it needs. No cookies count."""

from __future__ import annotations

from typing import cast

from flask import current_app, g, request
from werkzeug.exceptions import Forbidden, Unauthorized

from app.key_door import holder_of_key
from app.view_roles import ViewRoles

_roles = ViewRoles()
needs = _roles.needs
open_to_all = _roles.open_to_all
role_of = _roles.role_of


def check(token: str | None, *, how: str) -> None:
    """Let a request pass whose key, as it came, has the role of its view.

    Raises Unauthorized, which tells `how` a key is sent, Forbidden or TooManyRequests.
    """
    role = role_of(current_app.view_functions[cast(str, request.endpoint)])
    if role is None:
        return
    if not token:
        raise Unauthorized(f"Send a key of Proofsheet: {how}.")
    holder = g.key_holder = holder_of_key(token)
    if not holder.role.includes(role):
        raise Forbidden(f"This needs a key with the role {role}; yours is {holder.role}.")
