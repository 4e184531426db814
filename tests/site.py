"""A server in the test's own process, for a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from flask import Flask, Response
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from app.services.keys import authenticate
from app.services.sessions import log_in, make_login_code
from app.session_cookie import set_session
from tests.fakes.jobs import ThreadJobs


class Handler(WSGIRequestHandler):
    """Keeps connections, and quiet."""

    protocol_version = "HTTP/1.1"
    timeout = 10  # no connection keeps a test from ending

    def log(self, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadedWSGIServer):
    """A thread for each connection; closing it waits for them all."""

    daemon_threads = False


@dataclass
class Site:
    """A running server, and keys to it by role."""

    app: Flask
    url: str
    tokens: Mapping[str, str]

    def key(self, role: str) -> str:
        """Return the text of a key."""
        return self.tokens[role]

    def login_path(self) -> str:
        """Return a login link's path, with its code, for the creator."""
        with self.app.app_context():
            holder = authenticate(self.tokens["creator"])
            assert holder
            return f"/login#{make_login_code(holder.id)}"

    def finish(self) -> None:
        """Wait until all that was asked for has been drawn, or has failed."""
        jobs = self.app.extensions["jobs"]
        assert isinstance(jobs, ThreadJobs)
        jobs.finish()

    def cookie(self, role: str) -> dict[str, Any]:
        """Return the cookie of a new session, for playwright."""
        with self.app.test_request_context(base_url=self.url):
            token = log_in(self.tokens[role])
            assert token
            response = Response()
            set_session(response, token)
        [(name, morsel)] = SimpleCookie(response.headers["Set-Cookie"]).items()
        return {"name": name, "value": morsel.value, "url": self.url}


@contextmanager
def serve(app: Flask, tokens: Mapping[str, str]) -> Iterator[Site]:
    """Serve `app` on a free port while inside."""
    server = Server("127.0.0.1", 0, app, Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
    thread.start()
    try:
        yield Site(app, f"http://127.0.0.1:{server.port}", tokens)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
