"""/login and /logout: a key, or a code from a link, is traded for a session."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, g, redirect, request, url_for

from app.services.rate_limits import RateLimits
from app.services.sessions import log_in as open_session
from app.services.sessions import log_out as end_session
from app.session_cookie import forget_session, session_token, set_session
from app.web.addresses import local
from app.web.door import holder_if_any, open_to_all
from app.web.rendering import page
from app.web.texts import TEXT

blueprint = Blueprint("login", __name__)
LONGEST_SECRET = 200


@blueprint.get("/login")
@open_to_all
def form() -> Response:
    """Show the form. A link's code comes behind a #, which no server sees: a script sends it."""
    return _form(request.args.get("next", ""))


@blueprint.post("/login")
@open_to_all
def log_in() -> Response:
    """Log in with what was pasted, or what a script read from the link; then go on."""
    # Of a link that was pasted whole, what stands behind the #.
    secret = request.form.get("secret", "").strip().rpartition("#")[2]
    if not secret:
        return _form(request.form.get("next", ""), TEXT.login.missing, 422)
    token = open_session(secret) if len(secret) <= LONGEST_SECRET else None
    if token is None:
        g.allowance = _limits().count_wrong_key(request.remote_addr)
        return _form(request.form.get("next", ""), TEXT.login.wrong, 401)
    response = cast(Response, redirect(local(request.form.get("next", "")), 303))
    set_session(response, token)
    return response


@blueprint.post("/logout")
@open_to_all
def log_out() -> Response:
    """End the session."""
    token = session_token()
    if token is not None:
        end_session(token)
    response = cast(Response, redirect(url_for("web.login.form"), 303))
    forget_session(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _form(target: str, wrong: str | None = None, status: int = 200) -> Response:
    found = holder_if_any()
    name = found.name if found else None
    response = page("login/index.html", status, wrong=wrong, next=local(target), name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _limits() -> RateLimits:
    return cast(RateLimits, current_app.extensions["rate_limits"])
