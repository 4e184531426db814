"""HTTP to Gemini: how a client is set up, what bounds a call, and what its exceptions mean."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, Final

import httpx2

from app.providers.base import (
    ProviderBadAnswer,
    ProviderError,
    ProviderTimeout,
    ProviderUnreachable,
)

_LONGEST_CONNECT: Final = 10.0
_LIMITS: Final = httpx2.Limits(max_connections=100, max_keepalive_connections=20)

CANNOT_BE_SET_UP: Final = (
    "The connection to Gemini cannot be set up. Check PROOFSHEET_GEMINI_BASE_URL, the"
    " proxies in HTTPS_PROXY, HTTP_PROXY and ALL_PROXY (SOCKS is not supported) and the"
    " certificates in SSL_CERT_FILE and SSL_CERT_DIR, and unset"
    " GOOGLE_GENAI_HTTP_CLIENT."
)
# What setting up a client raises for a bad address, proxy or certificate.
SET_UP_ERRORS: Final = (ImportError, OSError, ValueError, httpx2.InvalidURL)


def http_client(
    certificates: ssl.SSLContext,
    hooks: dict[str, list[Callable[..., Any]]] | None = None,
    limits: httpx2.Limits = _LIMITS,
) -> httpx2.Client:
    """Return a client that follows no redirect: it would take the key and the prompt along."""
    return httpx2.Client(
        verify=certificates,
        trust_env=True,
        follow_redirects=False,
        event_hooks=hooks,
        limits=limits,
    )


def timeouts(left: float) -> dict[str, float]:
    """Let no single step take longer than is left of the whole, in seconds.

    Half of it, and 10 seconds at most, for the connection: then a host that cannot be reached is
    told apart from one that is slow to draw, and only the former is tried again.
    """
    connect = min(left / 2, _LONGEST_CONNECT)
    return {"connect": connect, "pool": connect, "read": left, "write": left}


_Row = tuple[type[Exception], type[ProviderError], bool, str]

_UNREACHABLE: Final = (
    "Gemini cannot be reached. Check the network, proxies and PROOFSHEET_GEMINI_BASE_URL; the same"
    " request will do later."
)

# What was raised, what it is here, whether the picture may have been billed. The first row that
# fits counts: a connection that was never made is told apart from one that was.
_RAISED: Final[tuple[_Row, ...]] = (
    (httpx2.ConnectTimeout, ProviderUnreachable, False, _UNREACHABLE),
    (httpx2.ConnectError, ProviderUnreachable, False, _UNREACHABLE),
    (httpx2.PoolTimeout, ProviderUnreachable, False, _UNREACHABLE),
    (httpx2.ProxyError, ProviderUnreachable, False, _UNREACHABLE),
    (
        httpx2.TimeoutException,
        ProviderTimeout,
        True,
        "Gemini did not answer within the deadline. The picture may have been billed; a smaller"
        " size or a longer PROOFSHEET_PROVIDER_DEADLINE may help.",
    ),
    (
        Exception,
        ProviderBadAnswer,
        True,
        "Gemini's answer was cut off or garbled on its way. The picture may have been billed; try"
        " again if you accept that.",
    ),
)


def failure_of(error: Exception) -> ProviderError:
    """What an exception means that came instead of a whole answer."""
    row = next(row for row in _RAISED if isinstance(error, row[0]))
    return row[1](row[3], may_be_billed=row[2])
