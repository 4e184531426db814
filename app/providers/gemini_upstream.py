"""Gemini asked in a caller's own words: JSON goes out as it is, and the answer's bytes come back.

Import this file when it is first needed: the HTTP client takes a tenth of a second to load.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Final, Literal, NamedTuple

import httpx2

from app.errors import InvalidInput
from app.providers.base import ProviderBadAnswer, ProviderError, ProviderTimeout
from app.providers.catalog import NAME
from app.providers.gemini import check
from app.providers.gemini_addresses import METHODS, VERSION
from app.providers.gemini_errors import from_status
from app.providers.gemini_http import CANNOT_BE_SET_UP, SET_UP_ERRORS, failure_of, http_client
from app.providers.gemini_http import timeouts as bounds
from app.providers.gemini_tee import Tee
from app.providers.per_process import PerProcess

_OK: Final = 200
# What is said of an answer's type, and what callers are told: constants, and nothing as it was sent.
_EVENTS: Final = "text/event-stream"
_KINDS: Final = {"application/json": "application/json; charset=UTF-8", _EVENTS: _EVENTS}
# Longer ones say nothing that anybody reads.
_MOST_BYTES_OF_A_FAILURE: Final = 1 << 20
# Idle connections are kept for so long: the next call is then spared three round trips.
_IDLE_SECONDS: Final = 30.0
_MOST_IDLE: Final = 64
_HEADERS: Final = {"content-type": "application/json", "user-agent": "proofsheet"}


class UpstreamCall(NamedTuple):
    """One call: its URL's parts, its body, and whether the caller takes gzip."""

    version: str
    model: str
    method: str
    body: bytes
    alt: Literal["json", "sse"] | None = None
    gzip: bool = False


class Upstream:
    """Gemini, for whoever speaks its language already. Threads may share one."""

    def __init__(self, *, api_key: str, base_url: str, deadline: float, most_bytes: int) -> None:
        """`deadline`: seconds for the whole of an answer; `most_bytes`: its largest, unpacked."""
        check(api_key, base_url, deadline)
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._deadline = deadline
        self._most_bytes = most_bytes
        self._client: PerProcess[httpx2.Client] = PerProcess(_connect)

    def load(self) -> None:
        """Make the client, which reads certificates; nothing is sent yet."""
        self._client.get()

    def send(self, call: UpstreamCall, done: Callable[[], None] = lambda: None) -> UpstreamAnswer:
        """Ask once, and return when the answer's first bytes are there.

        `done` is called once, from any thread: when nothing more comes from Gemini. Raises
        ProviderError for every answer that is not 200 and JSON or events.
        """
        try:
            request = self._request(call)
            wire = _Wire(self._client, request, self._deadline, self._most_bytes, done)
        except BaseException:
            done()
            raise
        try:
            return self._begin(call, wire)
        except BaseException:
            wire.stop()
            raise

    def _begin(self, call: UpstreamCall, wire: _Wire) -> UpstreamAnswer:
        head = wire.head()
        if head.status != _OK:
            raise self._failure(head, wire)
        said = head.headers.get("content-type", "")
        kind = _KINDS.get(said.partition(";")[0].strip().lower())
        if kind is None:
            raise ProviderBadAnswer(
                "What answers at the Gemini address is no Gemini. Check PROOFSHEET_GEMINI_BASE_URL.",
                may_be_billed=True,
            )
        tee = Tee(
            encoding=_encoding(head),
            unpack=not call.gzip,
            most_bytes=self._most_bytes,
            secret=self._api_key,
        )
        return UpstreamAnswer(kind, tee, wire, _length(head, kind, tee))

    def _failure(self, head: _Head, wire: _Wire) -> ProviderError:
        body = None
        with suppress(ProviderError, ValueError, RecursionError):  # its status says enough
            most = _MOST_BYTES_OF_A_FAILURE
            tee = Tee(encoding=_encoding(head), unpack=True, most_bytes=most, secret="")
            for chunk in wire:
                tee.feed(chunk)
            body = json.loads(tee.body)
        return from_status(head.status, body, head.headers, secret=self._api_key)

    def _request(self, call: UpstreamCall) -> httpx2.Request:
        """Build a request from checked values alone: nothing of the caller's address goes along."""
        right = VERSION.fullmatch(call.version) and NAME.fullmatch(call.model)
        if not right or call.method not in METHODS or call.alt not in {None, "json", "sse"}:
            raise InvalidInput("There is no such method of a model.")
        query = f"?alt={call.alt}" if call.alt else ""
        return httpx2.Request(
            "POST",
            f"{self._base_url}/{call.version}/models/{call.model}:{call.method}{query}",
            headers={
                **_HEADERS,
                "x-goog-api-key": self._api_key,
                "accept-encoding": "gzip" if call.gzip else "identity",
            },
            content=call.body,
            extensions={"timeout": bounds(self._deadline)},
        )


class UpstreamAnswer:
    """A success: its first bytes are there, the others come as they are asked for."""

    def __init__(self, kind: str, tee: Tee, wire: _Wire, length: str | None) -> None:
        """Wait for the first bytes: what is wrong from the start can still be told by a status."""
        self.content_type: Final = kind
        self._tee = tee
        self._wire = wire
        self._first = next(self._passing(), b"")
        self.headers: Final = {
            "Content-Type": kind,
            **({"Content-Encoding": "gzip"} if tee.packed else {}),
            **({"Content-Length": length} if length else {}),
        }

    @property
    def body(self) -> bytes:
        """All that came so far, unpacked."""
        return bytes(self._tee.body)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes for the caller, as they come. Raises ProviderError where it breaks off.

        Whoever stops in between may go on later: nothing is lost, and nothing comes twice.
        """
        first, self._first = self._first, b""
        if first:
            yield first
        yield from self._passing()

    def close(self) -> None:
        """Take no more of it."""
        self._wire.stop()

    def _passing(self) -> Iterator[bytes]:
        for chunk in self._wire:
            passing = self._tee.feed(chunk)
            if passing:
                yield passing
        last = self._tee.end()
        if last:
            yield last


class _Head(NamedTuple):
    status: int
    headers: Mapping[str, str]


def _encoding(head: _Head) -> str:
    return head.headers.get("content-encoding", "").strip().lower()


def _length(head: _Head, kind: str, tee: Tee) -> str | None:
    """Return how many bytes will be passed on if none is missing; None where nobody said."""
    length = head.headers.get("content-length", "")
    unchanged = tee.packed or _encoding(head) != "gzip"
    # A stream that breaks off ends with one event more.
    known = unchanged and length.isdecimal() and kind != _EVENTS
    return length if known else None


class _Wire:
    """One request, sent and read in a thread of its own, which nobody awaits beyond the deadline.

    Nothing else bounds a host name that takes a minute to look up, headers that drip, or a caller who
    reads slowly. A thread left behind ends by itself, as its timeouts run from the same moment.
    """

    def __init__(
        self,
        clients: PerProcess[httpx2.Client],
        request: httpx2.Request,
        deadline: float,
        most_bytes: int,
        done: Callable[[], None],
    ) -> None:
        self._most_bytes = most_bytes
        self._deadline = deadline
        self._ends_at = time.monotonic() + deadline
        self._came: SimpleQueue[Any] = SimpleQueue()
        self._ended = False
        self._stopped = Event()
        self._done = _Once(done)
        client = clients.get()
        self._clients = clients  # which closes what it made when nobody holds it any more
        Thread(target=self._run, args=(client, request), name="gemini", daemon=True).start()

    def head(self) -> _Head:
        """Return status and headers. Raises ProviderError."""
        head: _Head = self._next()
        return head

    def __iter__(self) -> Iterator[bytes]:
        while not self._ended:
            chunk = self._next()
            if chunk is None:
                self._ended = True
            else:
                yield chunk

    def stop(self) -> None:
        """Read no more."""
        self._ended = True
        self._stopped.set()
        self._done()

    def _next(self) -> Any:
        try:
            came = self._came.get(timeout=max(self._ends_at - time.monotonic(), 0.001))
        except Empty:
            self.stop()
            raise ProviderTimeout(
                f"Gemini did not answer within {self._deadline:g} s. The picture may have been"
                " billed; a smaller size or a longer PROOFSHEET_PROVIDER_DEADLINE may help.",
                may_be_billed=True,
            ) from None
        if isinstance(came, ProviderError):
            self.stop()
            raise came
        return came

    def _run(self, client: httpx2.Client, request: httpx2.Request) -> None:
        end: ProviderError | None = None
        try:
            self._read(client, request)
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            end = failure_of(error)
        finally:
            self._done()
            self._came.put(end)

    def _read(self, client: httpx2.Client, request: httpx2.Request) -> None:
        response = client.send(request, stream=True)
        try:
            self._came.put(_Head(response.status_code, response.headers))
            left = self._most_bytes
            for chunk in response.iter_raw():
                left -= len(chunk)
                if self._stopped.is_set():
                    break
                if time.monotonic() > self._ends_at:
                    raise httpx2.ReadTimeout("the deadline has passed")
                if left < 0:  # however slowly the caller takes it, no more is held here
                    raise httpx2.ReadError("the answer has no end")
                self._came.put(chunk)
        finally:
            response.close()


class _Once:
    """Calls what is to be called once, whichever thread comes first."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._actions: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._actions.put(action)

    def __call__(self) -> None:
        with suppress(Empty):
            self._actions.get_nowait()()


def _connect() -> httpx2.Client:
    limits = httpx2.Limits(
        max_connections=None,  # whoever asks has a bound of their own
        max_keepalive_connections=_MOST_IDLE,
        keepalive_expiry=_IDLE_SECONDS,
    )
    try:
        return http_client(httpx2.create_ssl_context(), limits=limits)
    except SET_UP_ERRORS as error:
        raise ProviderError(CANNOT_BE_SET_UP) from error
