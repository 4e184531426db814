"""The session's cookie: who sent a request, and whether it came from a page of our own.

The API and the web page share it. Cookies ignore ports, so each instance has a name of its own.
"""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.exceptions import Forbidden

from app.extensions import current_settings
from app.services.keys import KeyHolder
from app.services.sessions import holder_of_session
from app.services.signing_secret import signing_secret

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Longer than any session lives unused: the database decides when one ends.
COOKIE_SECONDS = 400 * 24 * 3600


def session_token() -> str | None:
    """Return the secret of the session that came with the request, or None."""
    # Without any cookie, which is how programs come, nothing need be looked up.
    return request.cookies.get(_name()) if request.cookies else None


def session_holder() -> KeyHolder | None:
    """Return who is logged in by the cookie of the request, or None."""
    token = session_token()
    return None if token is None else holder_of_session(token)


def set_session(response: Response, token: str) -> None:
    """Let the browser keep a session."""
    response.set_cookie(
        _name(),
        token,
        max_age=COOKIE_SECONDS,
        secure=_is_https(),
        httponly=True,
        samesite="Lax",
    )


def forget_session(response: Response) -> None:
    """Let the browser drop its session."""
    response.delete_cookie(_name(), secure=_is_https(), httponly=True, samesite="Lax")


def require_own_page() -> None:
    """Raise Forbidden unless a request that changes something comes from a page of our own.

    A browser says so in Sec-Fetch-Site; where it does not (over plain HTTP to another machine), its
    Origin must be our public address. SameSite=Lax alone would let in pages of other ports.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    same = site == "same-origin" if site is not None else _is_own_origin()
    if not same:
        raise Forbidden("This was not sent from a page of this server, so nothing was done.")


def _is_own_origin() -> bool:
    public = current_settings().public_url
    sent = _origin(request.headers.get("Origin", ""))
    return sent is not None and sent == _origin(str(public) if public else request.host_url)


def _origin(address: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of an address, or None where it has none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)


def _is_https() -> bool:
    public = current_settings().public_url
    return request.is_secure or (public is not None and public.scheme == "https")


def _name() -> str:
    instance = sha256(b"session cookie\0" + signing_secret().encode()).hexdigest()[:8]
    return f"{'__Host-' if _is_https() else ''}proofsheet_{instance}"
