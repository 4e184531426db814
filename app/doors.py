"""What every request passes, whichever face it is for: host, proxies, size, headers."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from app.services.instance import read_secret
from config import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
# Nobody but our own pages loads it, nor takes it for something else.
OF_PARTS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HEADERS = {
    **OF_PARTS,
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}


class Part(Response):
    """What pages load and nobody opens, such as a script: what headers say of pages is not for it."""


def init_app(app: Flask, settings: Settings) -> None:
    """Set up the doors of `app`."""
    app.secret_key = read_secret(settings)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request_bytes
    trusted = trusted_hosts(settings)
    app.before_request(lambda: _check_host(trusted))
    app.after_request(_add_headers)
    if settings.proxies:
        n = settings.proxies
        app.wsgi_app = _behind_proxies(app.wsgi_app, n)  # type: ignore[method-assign]


def trusted_hosts(settings: Settings) -> frozenset[str]:
    """Return the host names to answer to: a page elsewhere must not reach us by a name of its own."""
    public = settings.public_url.host if settings.public_url else None
    names = (*LOOPBACK, *filter(None, [public]), *settings.trusted_hosts)
    return frozenset(name.casefold() for name in names)


def _check_host(trusted: frozenset[str]) -> None:
    # Werkzeug's own check takes no IPv6 address.
    host = request.environ.get("HTTP_HOST", "")
    name = re.sub(r":[0-9]*$", "", host).casefold()
    if name not in trusted:
        raise BadRequest(
            "This server does not answer to that host name. "
            "Its owner can add it to PROOFSHEET_TRUSTED_HOSTS."
        )


def _behind_proxies(wsgi_app: Any, n: int) -> Any:
    return ProxyFix(wsgi_app, x_for=n, x_proto=n, x_host=n, x_port=n)


def _add_headers(response: Response) -> Response:
    headers = OF_PARTS if isinstance(response, Part) else HEADERS
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
