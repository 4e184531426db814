"""One message over HTTP, to an address that was looked at first. Imported by workers alone."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock, Timer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from app.services.webhooks.addresses import AddressRefused, addresses_of

# Of a sending in all, however slowly the receiver answers.
TIMEOUT_SECONDS = 10.0
# Of a name with many addresses so many are tried.
MOST_ADDRESSES = 3


class NotDelivered(Exception):
    """Nobody took the message; `status` is what was answered, if anything was."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class _Deadline:
    """Cuts off a connection, inside, when so many seconds are over; a trace of httpx.

    Its own timeouts bound each read: who sends a byte now and then could hold it for hours.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self.over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._socket:
                self._socket.close()
                self._socket = None

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn of the connection."""
        if event != "connection.connect_tcp.complete":
            return
        with self._lock:
            # One of our own: TLS takes the other away.
            self._socket = info["return_value"].get_extra_info("socket").dup()
        if self.over:
            self._end()

    def _end(self) -> None:
        self.over = True
        with self._lock:
            if self._socket:
                with suppress(OSError):  # it is closed already
                    self._socket.shutdown(socket.SHUT_RDWR)


class Sender:
    """Sends to one URL. Threads may share one."""

    def __init__(
        self,
        url: str,
        *,
        private: bool,
        certificates: ssl.SSLContext | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Take where to send; `private` allows addresses that are not public.

        Once a name is looked up, a sending ends within `timeout_seconds`. No proxy is used: it, and
        not we, would look up the name.
        """
        self._url = httpx2.URL(url)
        self._host = urlsplit(url).hostname or ""
        self._private = private
        self._timeout = timeout_seconds
        self._client = httpx2.Client(
            verify=certificates or httpx2.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,  # the new address would be unchecked
            # One that is kept would have been made under another's deadline.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Post a body of JSON. Raises NotDelivered unless the answer is 2xx."""
        try:
            addresses = addresses_of(self._host, self._port, private=self._private)
        except AddressRefused as error:
            raise NotDelivered(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise NotDelivered("The name is not known.") from error
        status = self._status(addresses[:MOST_ADDRESSES], body, headers)
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own
            raise NotDelivered(f"The answer was {status}.", status)

    @property
    def _port(self) -> int:
        return self._url.port or (443 if self._url.scheme == "https" else 80)

    def _status(self, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> int:
        until = time.monotonic() + self._timeout
        for left, address in zip(range(len(addresses))[::-1], addresses, strict=True):
            seconds = max(until - time.monotonic(), 0.01)
            timeout = httpx2.Timeout(seconds, connect=seconds / (left + 1))
            deadline = _Deadline(seconds)
            try:
                with deadline:
                    return self._post(address, body, headers, timeout, deadline)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                if not left:
                    raise NotDelivered(f"No connection: {error}.") from error
            except httpx2.HTTPError as error:
                if deadline.over:
                    raise NotDelivered(f"No answer within {self._timeout:g} s.") from error
                # Its text may quote what was sent.
                raise NotDelivered(f"No answer ({type(error).__name__}).") from error
        raise NotDelivered("No address.")  # there is always one

    def _post(
        self,
        address: str,
        body: bytes,
        headers: Mapping[str, str],
        timeout: httpx2.Timeout,
        deadline: _Deadline,
    ) -> int:
        """Connect to the address as if it had been looked up now; return the status."""
        literal = f"[{address}]" if ipaddress.ip_address(address).version == 6 else address  # noqa: PLR2004
        request = self._client.stream(
            "POST",
            self._url.copy_with(host=literal),
            content=body,
            headers={
                **headers,
                "Host": self._url.netloc.decode(),
                "Content-Type": "application/json",
                "User-Agent": "Proofsheet",
            },
            timeout=timeout,
            # The certificate must be that of the name.
            extensions={"sni_hostname": self._host, "trace": deadline},
        )
        with request as answer:
            return answer.status_code  # what it says beyond is not read
