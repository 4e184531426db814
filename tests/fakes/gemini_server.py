"""A Gemini that runs on this machine: real HTTP, real pictures, and every failure on demand.

    python -m tests.fakes.gemini_server --port 8010

The scenario is a marker in the prompt (tests/fakes/gemini_scenarios.py). In tests:

    with FakeGemini() as server:
        GeminiProvider(api_key="test", base_url=server.url, deadline=5)
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import socketserver
import struct
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Final, Self, cast
from urllib.parse import parse_qs, urlsplit

from app.providers.catalog import load_catalog
from tests.fakes.gemini_answers import Json, Reply, detail, error, reply
from tests.fakes.gemini_request import BadRequest, check_values, normalise, prompt_of
from tests.fakes.gemini_scenarios import BAD_KEY, SCENARIOS, Call, respond, stream

_GENERATE: Final = re.compile(r"/[^/]+/models/([^/:]+):(generateContent|streamGenerateContent)")
_MODELS: Final = re.compile(r"/[^/]+/models(?:/([^/:]+))?")
_TUNED: Final = re.compile(r"/[^/]+/tunedModels")


@dataclass(frozen=True)
class Recorded:
    """One request as it came. `client` is the address and port at the other end.

    `at` is the second when it came, by the server's own clock; `refused` whether that was too soon.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    client: tuple[str, int] = field(repr=False)
    at: float
    refused: bool


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # with fewer, clients that come at once wait for seconds

    def __init__(self, address: tuple[str, int], quota: tuple[int, float] | None) -> None:
        self.quota = quota
        self.stopping = threading.Event()
        self.requests: list[Recorded] = []
        self.replies: deque[Reply] = deque(maxlen=16)
        self.prompts: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self.open.discard(request)
        # Closed without the usual farewell: a reset is to be one, and the others have been heard.
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away in the middle is what many tests are about."""

    def hang_up(self) -> None:
        """End all that is under way."""
        self.stopping.set()
        with self.lock:
            for connection in self.open:
                with suppress(OSError):  # the other end went first
                    connection.shutdown(socket.SHUT_RDWR)


class FakeGemini:
    """The server as a context manager. Threads may use it at once."""

    def __init__(self, port: int = 0, quota: tuple[int, float] | None = None) -> None:
        """Take a port, 0 for any, and how many requests within how many seconds are answered."""
        self._server = _Server(("127.0.0.1", port), quota)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="fake-gemini", daemon=True
        )

    @property
    def url(self) -> str:
        """The address to use as a base URL."""
        host, port = cast("tuple[str, int]", self._server.server_address)
        return f"http://{host}:{port}"

    @property
    def requests(self) -> list[Recorded]:
        """All requests so far, oldest first."""
        return self._server.requests

    @property
    def last_body(self) -> bytes:
        """The last body that was sent, as it went over the wire."""
        return self._server.replies[-1].body

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        self._record(None)
        self._send(self._refusal() or self._models(urlsplit(self.path).path))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        wait = self._record(body)
        if wait:
            hint = detail("RetryInfo", retryDelay=f"{wait:.3f}s")
            self._send(error(429, "You exceeded your current quota.", hint))
            return
        self._send(self._refusal() or self._generate(body))

    def log_message(self, *_args: object) -> None:
        """Log nothing."""

    def _record(self, body: Any) -> float:
        """Note a request; return the seconds after which it is to be sent again, 0: it is answered."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            now = time.monotonic()
            wait = self._over_quota(now)
            self.server.requests.append(
                Recorded(self.command, self.path, headers, body, self.client_address, now, wait > 0)
            )
        return wait

    def _over_quota(self, now: float) -> float:
        if self.server.quota is None:
            return 0
        most, seconds = self.server.quota
        answered = [each.at for each in self.server.requests if not each.refused]
        recent = [at for at in answered if at > now - seconds]
        return 0 if len(recent) < most else recent[-most] + seconds - now

    def _refusal(self) -> Reply | None:
        """Whoever has no key is told so, and so is whoever has the key "bad"."""
        key = self._key()
        if not key:
            return error(401, "Method doesn't allow unregistered callers. Use an API key.")
        return BAD_KEY if key == "bad" else None

    def _key(self) -> str:
        query = parse_qs(urlsplit(self.path).query)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.headers.get("x-goog-api-key") or query.get("key", [""])[0] or bearer

    def _generate(self, body: Any) -> Reply:
        address = urlsplit(self.path)
        match = _GENERATE.fullmatch(address.path)
        if match is None:
            return Reply(b"<html>404. That is an error.</html>", 404, "text/html")
        if not match[1].startswith("gemini-"):
            return error(404, f"models/{match[1]} is not found for API version v1.")
        try:
            whole = respond(self._call(body))
        except BadRequest as refusal:
            return error(400, str(refusal))
        streamed = match[2] == "streamGenerateContent" and whole.status == 200
        return stream(whole) if streamed else whole

    def _call(self, body: Any) -> Call:
        if not isinstance(body, dict):
            raise BadRequest("Invalid JSON payload received: an object was expected.")
        request: Json = normalise(body)
        prompt = prompt_of(request)
        check_values(request)
        with self.server.lock:
            earlier = self.server.prompts[prompt]
            self.server.prompts[prompt] += 1
        return Call(prompt, request, earlier, self.server.stopping, self._key())

    def _models(self, path: str) -> Reply:
        match = _MODELS.fullmatch(path)
        if match is None:
            return reply({}) if _TUNED.fullmatch(path) else error(404, "Not found.")
        known = [model.name for model in load_catalog().models if model.provider == "gemini"]
        if match[1] is None:
            return reply({"models": [_describe(name) for name in known]})
        if match[1] not in known:
            return error(404, f"models/{match[1]} is not found for API version v1.")
        return reply(_describe(match[1]))

    def _send(self, result: Reply) -> None:
        self.server.replies.append(result)
        if result.reset:
            self._reset()
            return
        head = f"HTTP/1.1 {result.status} Fake\r\nContent-Type: {result.content_type}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in result.headers.items())
        if result.chunked:
            head += "Transfer-Encoding: chunked\r\n"
        elif result.status != 204:
            head += f"Content-Length: {len(result.body) + result.missing}\r\n"
        self.close_connection = self.close_connection or result.missing > 0
        if result.chunked:
            self._send_chunks(head.encode() + b"\r\n", result)
        elif result.drip:
            self._drip(head.encode() + b"\r\n", result)
        else:
            # One write: two small ones cost 40 ms, as the second waits for the first's receipt.
            self.wfile.write(head.encode() + b"\r\n" + result.body)

    def _send_chunks(self, head: bytes, result: Reply) -> None:
        middle = len(result.body) // 2
        halves = [result.body[:middle], result.body[middle:]]
        chunks = [b"%x\r\n%s\r\n" % (len(half), half) for half in halves if half]
        end = b"" if result.missing else b"0\r\n\r\n"
        for piece in (head, *chunks, end):
            self.wfile.write(piece)

    def _drip(self, head: bytes, result: Reply) -> None:
        self.wfile.write(head)
        steps = max(int(result.drip / 0.02), 1)
        size = len(result.body) // steps + 1
        for start in range(0, len(result.body), size):
            if self.server.stopping.wait(result.drip / steps):
                break
            self.wfile.write(result.body[start : start + size])

    def _reset(self) -> None:
        """Break off so that the other end sees a reset: lingering for 0 seconds drops all."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True


def _describe(name: str) -> Json:
    return {
        "name": f"models/{name}",
        "version": "fake",
        "displayName": name,
        "supportedGenerationMethods": ["generateContent"],
    }


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A Gemini that runs on this machine, for trying.")
    parser.add_argument("--port", type=int, default=8010)
    port = parser.parse_args().port
    with suppress(KeyboardInterrupt), FakeGemini(port) as server:
        lines = (
            f"A fake Gemini answers at {server.url}. Point Proofsheet at it with",
            f"  GEMINI_API_KEY=x PROOFSHEET_GEMINI_BASE_URL={server.url}",
            "and put markers into prompts (a cat [[slow 2]]):",
            "  " + " ".join(f"[[{name}]]" for name in SCENARIOS),
            "Arguments: [[429 retry=17s]] [[429 header=3]] [[blocked SAFETY]] [[finish OTHER]]",
            "  [[fail-first 2 503]] [[drip 10]] [[redirect 302 URL]]. Ctrl-C stops it.",
        )
        print(*lines, sep="\n", flush=True)  # noqa: T201 - it is for the one who started it
        threading.Event().wait()


if __name__ == "__main__":
    main()
