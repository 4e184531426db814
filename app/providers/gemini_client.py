"""The SDK: how its client is set up, one call through it, and what it raises.

Import this file when the first picture is drawn and not before: google-genai takes up to a second
and 40 MB to import, which commands that draw nothing need not pay.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx2
from google.genai import Client, errors, types
from google.genai.client import DebugConfig

from app.providers.base import (
    ImageRequest,
    ProviderBadAnswer,
    ProviderError,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnreachable,
)
from app.providers.gemini_errors import from_status

_OK: Final = 200
_LONGEST_CONNECT: Final = 10.0


class _Call(threading.local):
    """The call that this thread is making: when it ends, and the status that came."""

    ends_at: float = 0.0
    status: int | None = None

    def left(self) -> float:
        """Seconds to the deadline; never 0, which would mean "no waiting" to a socket."""
        return max(self.ends_at - time.monotonic(), 0.001)


_call: Final = _Call()


class Connection:
    """The SDK's client with the connections that it keeps open. Threads may share one."""

    def __init__(self, *, api_key: str, base_url: str, api_version: str) -> None:
        """Take everything from here and nothing from the environment.

        The environment may name proxies and certificates, for networks that have no other way out
        (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE). It can change neither the key nor the host: the SDK
        reads GOOGLE_API_KEY, GOOGLE_GEMINI_BASE_URL, GOOGLE_GENAI_USE_VERTEXAI and their kin only
        where it is not told, and here it is told all.
        """
        self._api_key = api_key
        try:
            httpx2.URL(base_url)  # what cannot be a URL is named here; later it is an odd failure
            certificates = httpx2.create_ssl_context()
            self._http = _http_client(certificates)
            self._sdk = Client(
                api_key=api_key,
                vertexai=False,
                # Otherwise GOOGLE_GENAI_CLIENT_MODE could make it replay recorded answers.
                debug_config=DebugConfig(client_mode=None, replays_directory=None, replay_id=None),
                http_options=types.HttpOptions(
                    base_url=base_url,
                    api_version=api_version,
                    httpx_client=self._http,
                    # For clients that the SDK makes in any case and that are never used here.
                    # Left to itself it would read the certificates twice more, 20 ms each.
                    async_client_args={
                        "trust_env": False,
                        "verify": certificates,
                        "ssl": certificates,
                    },
                ),
            )
        except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
            raise ProviderError(
                "The connection to Gemini cannot be set up. Check PROOFSHEET_GEMINI_BASE_URL, the"
                " proxies in HTTPS_PROXY, HTTP_PROXY and ALL_PROXY (SOCKS is not supported) and the"
                " certificates in SSL_CERT_FILE and SSL_CERT_DIR, and unset"
                " GOOGLE_GENAI_HTTP_CLIENT."
            ) from error

    def draw(
        self, request: ImageRequest, *, seed: int | None, size: str | None, deadline: float
    ) -> str:
        """Ask for one picture, once, and give the answer's body. Raises ProviderError."""
        _call.ends_at, _call.status = time.monotonic() + deadline, None
        try:
            response = self._sdk.models.generate_content(
                model=request.model,
                contents=_content(request),
                config=_config(request, seed, size),
            )
        except errors.APIError as error:
            failure = from_status(error.code, error.details, _headers(error), secret=self._api_key)
            # A cause is printed with a traceback: one that holds the key must not become one.
            raise failure from (None if self._api_key in str(error) else error)
        except (httpx2.HTTPError, ValueError, RecursionError) as error:
            raise _from_exception(error) from error
        reply = response.sdk_http_response
        return (reply.body if reply else None) or ""

    def close(self) -> None:
        """Close the connections. The SDK leaves that to whoever made its HTTP client."""
        self._http.close()


def _http_client(certificates: ssl.SSLContext) -> httpx2.Client:
    return httpx2.Client(
        verify=certificates,
        trust_env=True,
        # A redirect would take the key and the prompt to whatever host it names.
        follow_redirects=False,
        event_hooks={"request": [_bound_request], "response": [_bound_response]},
    )


def _content(request: ImageRequest) -> types.Content:
    pictures = [
        types.Part.from_bytes(data=image.image_bytes, mime_type=image.mime_type)
        for image in request.input_images
    ]
    return types.Content(role="user", parts=[types.Part(text=request.prompt), *pictures])


def _config(
    request: ImageRequest, seed: int | None, size: str | None
) -> types.GenerateContentConfig:
    """What to draw. Anything more is refused in API-key mode (person_generation, output type)."""
    return types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=request.aspect_ratio, image_size=size),
        seed=seed,
        # Each continuation would be one more paid call, and by default there is no end to them.
        automatic_continuation=False,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        should_return_http_response=True,  # read in gemini_answer.py, which says why
    )


def _headers(error: errors.APIError) -> dict[str, str]:
    return dict(getattr(error.response, "headers", None) or {})


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


def _from_exception(error: Exception) -> ProviderError:
    """What an exception means that came before or instead of a whole answer."""
    if _call.status is not None and _call.status != _OK:
        return from_status(_call.status)  # the text of a failure was garbled, its status was not
    if _call.status is None and not isinstance(error, httpx2.HTTPError):
        return ProviderRejected(  # the SDK's own check of its arguments: nothing was sent
            "The Gemini SDK takes no such request. Change its settings, or check GEMINI_API_KEY."
        )
    row = next(row for row in _RAISED if isinstance(error, row[0]))
    return row[1](row[3], may_be_billed=row[2])


def _bound_request(request: httpx2.Request) -> None:
    """Let no single step take longer than is left of the whole.

    Half of it, and 10 seconds at most, for the connection: then a host that cannot be reached is
    told apart from one that is slow to draw, and only the former is tried again.
    """
    left = _call.left()
    connect = min(left / 2, _LONGEST_CONNECT)
    request.extensions["timeout"] = {
        "connect": connect, "pool": connect, "read": left, "write": left
    }  # fmt: skip


def _bound_response(response: httpx2.Response) -> None:
    """Note the status, and let the body end with the deadline, however slowly it drips."""
    _call.status = response.status_code
    response.encoding = "utf-8"  # as JSON always is, whatever a header says
    response.request.extensions["timeout"]["read"] = _call.left()
    response.stream = _UntilDeadline(response.stream, _call.ends_at)


class _UntilDeadline(httpx2.SyncByteStream):
    """A body that breaks off at the deadline: socket timeouts start anew with every byte."""

    def __init__(self, stream: Any, ends_at: float) -> None:
        self._stream = stream
        self._ends_at = ends_at

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._ends_at:
                raise httpx2.ReadTimeout("the deadline has passed")
            yield chunk

    def close(self) -> None:
        self._stream.close()
