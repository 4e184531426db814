"""A receiver of webhooks on this machine: real HTTP, answers from a script, all requests kept."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, cast


@dataclass(frozen=True)
class Received:
    """One message as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.script: list[int] = []
        self.received: list[Received] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.drip_seconds: float | None = None
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: some clients go away in the middle."""


class WebhookReceiver:
    """The server as a context manager; it answers 204, unless told otherwise.

    A redirect leads to itself.
    """

    def __init__(self) -> None:
        self._server = _Server()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def answer(self, *statuses: int) -> None:
        """Answer these first."""
        self._server.script.extend(statuses)

    def meanwhile(self, action: Callable[[], object]) -> None:
        """Do this, in a thread of its own, before each answer."""
        self._server.meanwhile = action

    def drip(self, seconds: float) -> None:
        """Answer with a header so often, and never come to an end."""
        self._server.drip_seconds = seconds

    @property
    def port(self) -> int:
        return cast("tuple[str, int]", self._server.server_address)[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=proofsheet"

    def speak_tls(self, certificate: Path) -> None:
        """Answer by HTTPS alone, with the key and certificate of a PEM file."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def received(self) -> list[Received]:
        """All messages so far, oldest first."""
        return self._server.received

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Received(self.path, headers, body))
        self.server.meanwhile()
        status = self.server.script.pop(0) if self.server.script else 204
        self.send_response(status)
        while self.server.drip_seconds:
            self.send_header("X-More", "of it")
            self.flush_headers()
            time.sleep(self.server.drip_seconds)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Answer what a redirect that is followed would ask."""
        self.do_POST()

    def log_message(self, *_args: object) -> None:
        """Log nothing."""
