"""Who may see which page, and what every page says of itself to the browser."""

from __future__ import annotations

from typing import cast

from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden, Unauthorized

from app.doors import Part
from app.models import Role
from app.services.keys import KeyHolder
from app.services.rate_limits import RateLimits
from app.session_cookie import SAFE_METHODS, require_own_page, session_holder
from app.view_roles import ViewRoles

# Nothing inline and no other host; what makes HTML of text in a script is one function of ours.
POLICY = "; ".join(
    [
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'"),
        *("connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
        *("manifest-src 'self'", "require-trusted-types-for 'script'", "trusted-types app"),
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FRAGMENT = "X-Fragment"


_roles = ViewRoles()
needs = _roles.needs
open_to_all = _roles.open_to_all
role_of = _roles.role_of


def check() -> Response | None:
    """Let a request pass that may; send whoever is not logged in there, and back afterwards.

    Raises Forbidden, Unauthorized (for what is no page to go to) or TooManyRequests.
    """
    view = current_app.view_functions[cast(str, request.endpoint)]
    role = role_of(view)
    require_own_page()
    if role is None:
        return None
    found = session_holder()
    if found is None:
        return _to_login()
    g.key_holder = found
    if request.method not in SAFE_METHODS:
        # Pages and pictures are read as often as one scrolls.
        _limits().count_request(found)
    require(role)
    return None


def require(role: Role) -> None:
    """Raise Forbidden unless whoever is logged in has this role; for views with parts that need more."""
    found = holder()
    if not found.role.includes(role):
        raise Forbidden(f"This needs the role {role}; you are logged in as {found.role}.")


def holder() -> KeyHolder:
    """Return who is logged in."""
    return cast(KeyHolder, g.key_holder)


def holder_if_any() -> KeyHolder | None:
    """Return who is logged in, on a page that is open to all."""
    if "key_holder" not in g:
        found = session_holder()
        if found is None:
            return None
        g.key_holder = found
    return holder()


def wants_fragment() -> bool:
    """Tell whether a script asks for the part of a page that changes."""
    return request.headers.get(FRAGMENT) == "1"


def add_headers(response: Response) -> Response:
    """Bind what a page may do, and keep it from being kept by anybody else."""
    if isinstance(response, Part):
        return response
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        # The same address answers differently to whoever is logged in, and to a script.
        response.vary.update(("Cookie", FRAGMENT))
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _to_login() -> Response:
    if request.method not in SAFE_METHODS or wants_fragment():
        raise Unauthorized("You are not logged in any more. Log in and try again.")
    asked = request.full_path.rstrip("?")
    target = url_for("web.login.form", next=asked if asked != "/" else None)
    return cast(Response, redirect(target, 303))


def _limits() -> RateLimits:
    return cast(RateLimits, current_app.extensions["rate_limits"])
