"""What a running `up` tells of keys, codes and signatures: in its answers, its log and its database."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.compat.gemini.conftest import MODEL
from tests.fakes.gemini_server import FakeGemini
from tests.processes import PATIENCE_SECONDS, Up, running, wait_until

UPSTREAM = "the-key-of-the-upstream"
# Somebody else's, of a program that was not told ours: of no shape that a log could know.
WRONG = "AIzaSyTheKeyOfAnotherProgram"
WRONG_CODE = "the-code-of-no-link"
# With the upstream's key in what Gemini says, and with failures of several kinds.
MARKERS = (
    "",
    "[[403-echo]]",
    "[[400-echo]]",
    "[[400-status-echo]]",
    "[[400-key-message]]",
    "[[503-garbled]]",
    "[[reset]]",
)


class Listener:
    """Sends requests to a server, and remembers all that comes back."""

    def __init__(self, up: Up) -> None:
        self.up = up
        self.heard = b""

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.up.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        self.heard += f"{answer.status} {answer.reason}\n{answer.headers}".encode() + said
        return answer.status, answer.headers, said

    def tell(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        sent = {"Content-Type": "application/json", **headers}
        status, _, said = self.ask("POST", path, json.dumps(body).encode(), **sent)
        return status, said

    def log_in(self, secret: str) -> tuple[int, str | None]:
        """Send the form of the login page; return the status and the cookie's value."""
        sent = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        form = urlencode({"secret": secret}).encode()
        status, headers, _ = self.ask("POST", "/login", form, **sent)
        cookie = re.match(r"[^=]+=([^;]*);", headers.get("Set-Cookie", ""))
        return status, cookie and cookie[1]


def log_in_each_way(listener: Listener) -> list[str]:
    """Open sessions by the link that `up` printed and by a key; return the secrets there were."""
    link = re.search(r"/login#(\S+)", listener.up.banner)
    assert link
    assert listener.log_in(WRONG_CODE) == (401, None)
    assert listener.log_in(WRONG) == (401, None)
    sessions = [listener.log_in(secret) for secret in (link[1], listener.up.key)]
    assert [status for status, _ in sessions] == [303, 303]
    assert listener.log_in(link[1]) == (401, None), "a link logs in once"
    tokens = [token for _, token in sessions if token]
    assert len(tokens) == 2
    return [link[1], *tokens]


def ask_as_openai(listener: Listener) -> list[str]:
    """Ask /v1 rightly and wrongly, and open the link that it gives; return its signature."""
    right = {"Authorization": f"Bearer {listener.up.key}"}
    for marker in MARKERS[1:]:
        status, _ = listener.tell("/v1/images/generations", {"prompt": f"A fox {marker}"}, **right)
        assert status >= 400, marker
    asked = {"prompt": "A fox", "model": "dall-e-3", "response_format": "url"}
    status, said = listener.tell("/v1/images/generations", asked, **right)
    assert status == 200, said
    link = urlsplit(json.loads(said)["data"][0]["url"])
    address = f"{link.path}?{link.query}"
    assert listener.ask("GET", address)[0] == 200
    assert listener.ask("GET", address.replace("expires=", "expires=1"))[0] == 403
    for headers in ({"Authorization": f"Bearer {WRONG}"}, {"Authorization": "Bearer"}, {}):
        assert listener.ask("GET", "/v1/models", **headers)[0] == 401
        assert listener.tell("/v1/images/generations", asked, **headers)[0] == 401
    assert listener.ask("GET", f"/v1/models?key={listener.up.key}")[0] == 401
    assert listener.ask("GET", f"/v1/models/{listener.up.key}", **right)[0] == 404
    return parse_qs(link.query)["signature"]


def ask_as_google(listener: Listener) -> None:
    """Ask /gemini with a key in each place that it may stand in, rightly and wrongly."""
    own = listener.up.key
    ways: list[tuple[str, dict[str, str]]] = [
        ("?key={}", {}),
        ("", {"x-goog-api-key": "{}"}),
        ("", {"Authorization": "Bearer {}"}),
    ]
    for query, headers in ways:
        for key, refused in ((own, False), (WRONG, True)):
            sent = {name: value.format(key) for name, value in headers.items()}
            status, *_ = listener.ask("GET", f"/gemini/v1beta/models{query.format(key)}", **sent)
            assert (status == 200) is not refused
            for marker in MARKERS:
                for method in ("generateContent", "streamGenerateContent"):
                    body = {"contents": [{"parts": [{"text": f"A fox {marker}"}]}]}
                    path = f"/gemini/v1beta/models/{MODEL}:{method}{query.format(key)}"
                    status, _ = listener.tell(path, body, **sent)
                    assert (status == 200) is (not refused and not marker), (path, marker)
    assert listener.ask("GET", f"/gemini/v1beta/models/{own}", **{"x-goog-api-key": own})[0] == 404


def is_over(up: Up) -> bool:
    """Tell whether all that was asked for has ended and is kept."""
    return up.ask("GET", "/api/generations?status=running")[1]["items"] == []


def test_no_secret_is_in_an_answer_the_log_or_the_database(
    laid_out: Path, fake_gemini: FakeGemini
) -> None:
    log = laid_out.parent / "log"
    more = {
        "GEMINI_API_KEY": UPSTREAM,
        "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url,
        "PROOFSHEET_LOG_LEVEL": "debug",
        "PROOFSHEET_RETRIES": "0",
    }
    with running(laid_out, log=log, **more) as up:
        listener = Listener(up)
        own = [up.key, *log_in_each_way(listener), *ask_as_openai(listener)]
        ask_as_google(listener)
        assert wait_until(lambda: is_over(up))
        secret = (laid_out / "secret").read_text().strip()
    told, kept = log.read_bytes(), b"".join(each.read_bytes() for each in laid_out.glob("*.db*"))
    # All three did hold what they are to hold.
    assert {call.headers.get("x-goog-api-key") for call in fake_gemini.requests} == {UPSTREAM}
    assert b"api_key:" in listener.heard
    assert all(path in told for path in (b"/login", b"/v1/images/", b":streamGenerateContent"))
    assert b"A fox" in kept
    secrets = [UPSTREAM, secret]
    assert [each for each in secrets if each.encode() in listener.heard] == []
    secrets += [*own, WRONG, WRONG_CODE]
    assert [each for each in secrets if each.encode() in told] == []
    assert [each for each in secrets if each.encode() in kept] == []
