"""The SDK: how its client is set up, one call through it, and what it raises.

Import this file when the first picture is drawn and not before: google-genai takes up to a second
and 40 MB to import, which commands that draw nothing need not pay.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx2
from google.genai import Client, errors, types
from google.genai.client import DebugConfig

from app.providers.base import (
    ImageRequest,
    ProviderError,
    ProviderRejected,
)
from app.providers.gemini_errors import from_status
from app.providers.gemini_http import (
    CANNOT_BE_SET_UP,
    SET_UP_ERRORS,
    failure_of,
    http_client,
    timeouts,
)

_OK: Final = 200


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
            self._http = http_client(
                certificates, {"request": [_bound_request], "response": [_bound_response]}
            )
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
        except SET_UP_ERRORS as error:
            raise ProviderError(CANNOT_BE_SET_UP) from error

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
            raise _from_exception(error) from (None if self._api_key in str(error) else error)
        reply = response.sdk_http_response
        return (reply.body if reply else None) or ""

    def close(self) -> None:
        """Close the connections. The SDK leaves that to whoever made its HTTP client."""
        self._http.close()


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


def _from_exception(error: Exception) -> ProviderError:
    """What an exception means that came before or instead of a whole answer."""
    if _call.status is not None and _call.status != _OK:
        return from_status(_call.status)  # the text of a failure was garbled, its status was not
    if _call.status is None and not isinstance(error, httpx2.HTTPError):
        return ProviderRejected(  # the SDK's own check of its arguments: nothing was sent
            "The Gemini SDK takes no such request. Change its settings, or check GEMINI_API_KEY."
        )
    return failure_of(error)


def _bound_request(request: httpx2.Request) -> None:
    """Let no single step take longer than is left of the whole."""
    request.extensions["timeout"] = timeouts(_call.left())


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
