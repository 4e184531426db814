"""Calls passed on to Gemini and back, on both databases: what goes through, and what is kept."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.compat.gemini.calls import MOST_BYTES
from app.extensions import db
from app.models import Generation, Image, Status
from app.services.proxy_places import ProxyPlaces
from tests.compat.gemini.conftest import MODEL
from tests.conftest import key_of_each, locked, settle
from tests.fakes.gemini_server import FakeGemini
from tests.models.samples import ON_SQLITE

KEY = "the-key-of-the-upstream"
ONE = f"/gemini/v1beta/models/{MODEL}:generateContent"
STREAM = f"/gemini/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"


@dataclass
class Caller:
    """A program with a creator's key."""

    app: Flask
    client: FlaskClient
    token: str

    def ask(self, prompt: str = "A fox", path: str = ONE, **headers: str) -> TestResponse:
        """Ask for a picture; the answer is not read yet."""
        body = {"contents": [{"parts": [{"text": prompt}]}]}
        return self.client.post(path, json=body, headers={"x-goog-api-key": self.token, **headers})

    def draw(self, prompt: str = "A fox", path: str = ONE, **headers: str) -> TestResponse:
        """Ask for a picture, read the answer, and let the server save it."""
        with self.ask(prompt, path, **headers) as response:
            response.get_data()
        settle(self.app)
        return response

    def generations(self) -> list[Generation]:
        """Return what is recorded, oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(select(Generation).order_by(Generation.id)))

    def pictures(self) -> list[bytes]:
        """Return the pictures kept, oldest first."""
        with self.app.app_context():
            images = db.session.scalars(select(Image).order_by(Image.id))
            return [image.blob.data for image in images]


@pytest.fixture
def caller_of(
    make_app: Callable[..., Flask], upstream: FakeGemini
) -> Iterator[Callable[..., Caller]]:
    """Make a caller of an app with some settings changed."""

    def make(**changes: Any) -> Caller:
        settings = {"gemini_api_key": KEY, "gemini_base_url": upstream.url, **changes}
        app = make_app(**settings)
        return Caller(app, app.test_client(), key_of_each(app)["creator"])

    yield make
    upstream.requests.clear()


@pytest.fixture
def caller(caller_of: Callable[..., Caller]) -> Caller:
    """A caller of an app that draws with the fake Gemini."""
    return caller_of()


def error_of(response: TestResponse) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(response.get_data())["error"]
    return error


def test_the_row_runs_before_gemini_is_asked_and_ends_when_the_answer_is_read(
    caller: Caller,
) -> None:
    response = caller.ask("A fox [[drip 0.2]]")
    assert [each.status for each in caller.generations()] == [Status.RUNNING]
    assert caller.pictures() == []
    response.get_data()
    response.close()
    settle(caller.app)
    [generation] = caller.generations()
    assert (generation.status, generation.done) == (Status.SUCCEEDED, 1)
    assert len(caller.pictures()) == 1


def test_headers_are_ours_but_for_those_of_the_body(caller: Caller) -> None:
    response = caller.draw()
    assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert response.headers["Content-Length"] == str(len(response.data))
    assert response.headers["X-Request-Id"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in response.headers


@ON_SQLITE
def test_a_length_is_told_where_it_is_known(caller: Caller) -> None:
    for marker, accepted, known in (
        ("gzip", "gzip", True),
        ("chunked", "gzip", False),
        # What breaks off is longer by the event that says so.
        ("png", "stream", False),
    ):
        path, headers = (STREAM, {}) if accepted == "stream" else (ONE, {"Accept-Encoding": "gzip"})
        response = caller.draw(f"A fox [[{marker}]]", path, **headers)
        told = response.headers.get("Content-Length")
        assert told == (str(len(response.data)) if known else None)


@ON_SQLITE
def test_the_answer_ends_before_it_is_saved(caller: Caller) -> None:
    response = caller.ask()
    with locked(caller.app.instance_path):
        assert response.get_data()
        response.close()
        assert [each.status for each in caller.generations()] == [Status.RUNNING]
    settle(caller.app)
    assert [each.status for each in caller.generations()] == [Status.SUCCEEDED]
    assert len(caller.pictures()) == 1


@ON_SQLITE
def test_nothing_of_the_callers_address_and_headers_goes_on(
    caller: Caller, upstream: FakeGemini
) -> None:
    caller.draw(
        path=f"{ONE}?alt=json&key=ps_other&fields=x&$alt=proto",
        **{
            "x-goog-api-client": "theirs",
            "x-goog-user-project": "theirs",
            "User-Agent": "theirs",
            "Cookie": "a=theirs",
            "X-Forwarded-For": "1.2.3.4",
        },
    )
    [sent] = upstream.requests
    assert sent.path == f"/v1beta/models/{MODEL}:generateContent?alt=json"
    assert sent.headers["x-goog-api-key"] == KEY
    assert "theirs" not in str(sent.headers)
    assert set(sent.headers) == {
        *("host", "content-type", "content-length", "user-agent"),
        *("x-goog-api-key", "accept-encoding"),
    }


@pytest.mark.parametrize("how", ["query", "bearer"])
@ON_SQLITE
def test_the_key_may_come_otherwise(caller: Caller, how: str) -> None:
    body = {"contents": [{"parts": [{"text": "A fox"}]}]}
    query = f"?key={caller.token}" if how == "query" else ""
    headers = {"Authorization": f"Bearer {caller.token}"} if how == "bearer" else {}
    with caller.client.post(ONE + query, json=body, headers=headers) as response:
        assert response.status_code == 200
        response.get_data()


def test_gzip_goes_through_packed_and_the_picture_is_kept(caller: Caller) -> None:
    response = caller.draw("A fox [[gzip]]", **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(response.data))["candidates"]
    assert len(caller.pictures()) == 1


@ON_SQLITE
def test_a_stream_goes_through_as_events(caller: Caller, upstream: FakeGemini) -> None:
    response = caller.draw(path=STREAM)
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.data.startswith(b"data: {")
    assert response.data.endswith(b"}\r\n\r\n")
    assert upstream.requests[-1].path.endswith(":streamGenerateContent?alt=sse")


@ON_SQLITE
@pytest.mark.parametrize("path", [ONE, STREAM])
@pytest.mark.parametrize("marker", ["[[chunked]]", "[[chunked]] [[gzip]]"])
def test_an_answer_without_a_length_goes_through_as_well(
    caller: Caller, path: str, marker: str
) -> None:
    response = caller.draw(f"A fox {marker}", path)
    assert b"fakeResponse1" in response.data
    assert len(caller.pictures()) == 1


@ON_SQLITE
@pytest.mark.parametrize("marker", ["[[truncated]]", "[[chunked]] [[truncated]]"])
def test_a_stream_that_breaks_off_ends_with_an_error(caller: Caller, marker: str) -> None:
    response = caller.draw(f"A fox {marker}", STREAM)
    *_, last = response.data.strip().split(b"data: ")
    error = json.loads(last)["error"]
    assert (error["code"], error["status"]) == (502, "UNAVAILABLE")
    assert caller.generations()[0].error_code == "provider_bad_answer"


def test_who_goes_away_in_the_middle_has_paid_and_the_picture_is_kept(caller: Caller) -> None:
    response = caller.ask("A fox [[drip 0.3]]")
    assert next(iter(response.response))
    response.close()
    settle(caller.app)
    assert len(caller.pictures()) == 1
    assert caller.generations()[0].status == Status.SUCCEEDED


@ON_SQLITE
def test_who_reads_too_slowly_has_paid_and_finds_the_rest_all_the_same(
    caller_of: Callable[..., Caller],
) -> None:
    caller = caller_of(provider_deadline=2)
    response = caller.ask("A fox [[drip 0.1]]")
    settle(caller.app)
    [picture] = caller.pictures()
    part = json.loads(response.get_data())["candidates"][0]["content"]["parts"][0]
    assert b64decode(part["inlineData"]["data"]) == picture
    response.close()


@ON_SQLITE
def test_who_goes_away_before_the_first_byte_has_paid_too(caller: Caller) -> None:
    caller.ask("A fox").close()
    settle(caller.app)
    assert len(caller.pictures()) == 1


@pytest.mark.parametrize("marker", ["truncated", "cut-json", "null", "bad-base64", "not-an-image"])
def test_an_answer_that_breaks_goes_through_as_far_as_it_came(caller: Caller, marker: str) -> None:
    response = caller.draw(f"A fox [[{marker}]]")
    assert response.status_code == 200
    missing = int(response.headers["Content-Length"]) - len(response.data)
    assert (missing > 0) == (marker == "truncated")
    [generation] = caller.generations()
    assert (generation.status, generation.error_code) == (Status.FAILED, "provider_bad_answer")
    assert generation.cost_microusd is None  # it may have been billed
    assert caller.pictures() == []


def test_the_deadline_is_for_the_whole_answer(caller_of: Callable[..., Caller]) -> None:
    caller = caller_of(provider_deadline=0.5)
    caller.app.extensions["proxy_places"] = ProxyPlaces(1, seconds=0.05)
    assert error_of(caller.draw("A fox [[hang]]"))["status"] == "DEADLINE_EXCEEDED"
    assert caller.draw("A fox [[drip 30]]").status_code == 200
    codes = [each.error_code for each in caller.generations()]
    assert codes == ["provider_timeout"] * 2
    assert caller.draw().status_code == 200  # and there is a place again


@ON_SQLITE
def test_the_upstream_key_is_in_no_answer(caller: Caller) -> None:
    answers = [
        caller.draw(f"A fox [[403-echo {KEY}]]"),
        caller.draw(f"A fox {KEY} [[400-echo]]"),
        caller.draw(f"A fox [[text {KEY}]]"),
        caller.draw(f"A fox [[no-image the key is {KEY}]]", STREAM),
    ]
    assert [answer.status_code for answer in answers] == [502, 400, 502, 502]
    assert not [answer for answer in answers if KEY.encode() in answer.data]


def test_what_is_refused_here_is_neither_recorded_nor_asked(
    caller: Caller, upstream: FakeGemini
) -> None:
    bodies: list[bytes] = [
        b"{",
        b"[]",
        b'{"contents": []}',
        b'{"contents": [], "tools": []}',
        b'{"contents": [{"parts": [{"text": "\\ud800"}]}]}',
        b'{"contents": ' + b"[" * 100_000,
        json.dumps({"contents": [{"parts": [{"text": "x" * 20_001}]}]}).encode(),
    ]
    headers = {"x-goog-api-key": caller.token}
    for body in bodies:
        response = caller.client.post(ONE, data=body, headers=headers)
        assert (response.status_code, error_of(response)["status"]) == (400, "INVALID_ARGUMENT")
    packed = caller.ask(**{"Content-Encoding": "gzip"})
    assert (packed.status_code, error_of(packed)["status"]) == (400, "INVALID_ARGUMENT")
    other = caller.ask(path=f"{ONE}?alt=proto")
    assert other.status_code == 400
    assert caller.generations() == []
    assert upstream.requests == []


@ON_SQLITE
def test_a_body_that_is_too_large_is_refused(caller_of: Callable[..., Caller]) -> None:
    caller = caller_of(max_upload_bytes=1024)
    response = caller.ask("x" * 2000)
    assert (response.status_code, error_of(response)["code"]) == (413, 413)


@ON_SQLITE
def test_a_body_that_is_larger_than_google_takes_is_refused_before_it_is_read(
    caller: Caller,
) -> None:
    body, length = BytesIO(b"{"), {"CONTENT_LENGTH": str(MOST_BYTES + 1)}
    headers = {"x-goog-api-key": caller.token, "Content-Type": "application/json"}
    response = caller.client.post(ONE, input_stream=body, headers=headers, environ_overrides=length)
    assert (response.status_code, body.tell()) == (413, 0)
    error = error_of(response)
    assert (error["status"], "33,554,432" in error["message"]) == ("INVALID_ARGUMENT", True)


def test_budgets_hold(caller_of: Callable[..., Caller], upstream: FakeGemini) -> None:
    caller = caller_of(daily_budget="0.10")
    assert caller.draw().status_code == 200
    response = caller.draw()
    error = error_of(response)
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert any(each.get("retryDelay") for each in error["details"])
    assert int(response.headers["Retry-After"]) > 0
    assert len(upstream.requests) == 1
    assert len(caller.generations()) == 1


def test_limits_of_a_key_hold(caller_of: Callable[..., Caller]) -> None:
    caller = caller_of(requests_per_minute=1)
    caller.draw()
    error = error_of(caller.draw())
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")


@ON_SQLITE
def test_when_all_places_are_taken_nothing_is_recorded(
    caller: Caller, upstream: FakeGemini
) -> None:
    places = ProxyPlaces(1, seconds=0.05)
    caller.app.extensions["proxy_places"] = places
    held = places.take()
    response = caller.ask()
    error = error_of(response)
    assert (error["code"], error["status"]) == (503, "UNAVAILABLE")
    assert response.headers["Retry-After"] == "2"
    assert (caller.generations(), upstream.requests) == ([], [])
    headers = {"x-goog-api-key": caller.token}
    unparsed = caller.client.post(ONE, data=b"no JSON", headers=headers)
    assert unparsed.status_code == 503
    held.saved()
    assert caller.client.post(ONE, data=b"no JSON", headers=headers).status_code == 400
    assert caller.draw().status_code == 200


@ON_SQLITE
def test_places_are_given_back_whatever_happens(caller: Caller) -> None:
    caller.app.extensions["proxy_places"] = ProxyPlaces(1, seconds=0.05, unsaved=1)
    for prompt in ("A fox", "A [[400]]", "A [[reset]]", "A [[truncated]]", "x" * 30_000, "A hen"):
        assert caller.draw(prompt).status_code != 503


def test_a_project_is_kept(caller: Caller) -> None:
    caller.draw(**{"X-Proofsheet-Project": "acme"})
    assert [each.project for each in caller.generations()] == ["acme"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/gemini/v1beta/models/{MODEL}:countTokens"),
        ("POST", f"/gemini/v1beta/models/{MODEL}:predict"),
        ("POST", f"/gemini/v1beta/models/{MODEL}"),
        ("POST", "/gemini/v1beta/models/:generateContent"),
        ("POST", f"/gemini/version/models/{MODEL}:generateContent"),
        ("POST", "/gemini/v1beta/models/..%2f..%2fx:generateContent"),
        ("POST", "/gemini/v1beta/models/gemini-9-image:generateContent"),
        ("POST", "/gemini/v1beta/models/sketch-1:generateContent"),
        ("GET", "/gemini/v1beta/models/gemini-9-image"),
        ("GET", "/gemini/v1beta/models/sketch-1"),
        ("GET", "/gemini/v1beta/tunedModels/x"),
        ("GET", "/gemini/nothing/models"),
        ("GET", "/gemini/v1beta/files"),
        ("POST", "/gemini/upload/v1beta/files"),
        ("DELETE", "/gemini/v1beta/cachedContents/x"),
        ("GET", "/gemini"),
        ("GET", "/gemini/"),
    ],
)
@ON_SQLITE
def test_what_there_is_not_is_404_in_googles_shape(
    caller: Caller, upstream: FakeGemini, method: str, path: str
) -> None:
    body = {"contents": [{"parts": [{"text": "A fox"}]}]} if method == "POST" else None
    headers = {"x-goog-api-key": caller.token}
    response = caller.client.open(path, method=method, json=body, headers=headers)
    assert (response.status_code, error_of(response)["status"]) == (404, "NOT_FOUND")
    assert upstream.requests == []


@ON_SQLITE
def test_models_come_by_pages(caller: Caller) -> None:
    def page(query: str) -> Any:
        headers = {"x-goog-api-key": caller.token}
        return caller.client.get(f"/gemini/v1beta/models?{query}", headers=headers)

    first = page("pageSize=3").json
    rest = page(f"pageSize=3&pageToken={first['nextPageToken']}").json
    names = [each["name"] for each in (*first["models"], *rest["models"])]
    assert len(names) == len(set(names)) == 5
    assert "nextPageToken" not in rest
    assert page("pageSize=0").json["models"]
    for bad in ("pageSize=-1", "pageSize=x", "pageToken=²", "pageToken=99999999999999"):
        assert error_of(page(bad))["status"] == "INVALID_ARGUMENT"


@ON_SQLITE
def test_without_the_providers_key_it_is_told_plainly(make_app: Callable[..., Flask]) -> None:
    app = make_app(provider="gemini")
    caller = Caller(app, app.test_client(), key_of_each(app)["creator"])
    error = error_of(caller.draw())
    assert (error["code"], error["status"]) == (503, "UNAVAILABLE")
    assert "GEMINI_API_KEY" in error["message"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gemini/v1/tunedModels"),
        ("GET", "/gemini/v1/nothing"),
        ("POST", ONE),
        ("POST", STREAM),
    ],
)
def test_what_is_said_here_is_packed_too_for_those_who_take_it(
    app: Flask, method: str, path: str
) -> None:
    caller = Caller(app, app.test_client(), key_of_each(app)["creator"])

    def answer(**headers: str) -> TestResponse:
        body = {"contents": [{"parts": [{"text": "A fox"}]}]} if method == "POST" else None
        headers |= {"x-goog-api-key": caller.token}
        return caller.client.open(path, method=method, json=body, headers=headers, buffered=True)

    packed, plain = answer(**{"Accept-Encoding": "gzip"}), answer()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data)[:9] == plain.data[:9]
    settle(app)
    assert len(caller.pictures()) == (2 if method == "POST" else 0)


@pytest.mark.parametrize("path", [ONE, STREAM, STREAM.partition("?")[0]])
def test_sketches_answer_all_methods(app: Flask, path: str) -> None:
    caller = Caller(app, app.test_client(), key_of_each(app)["creator"])
    response = caller.draw(path=path)
    begins = {ONE: b"{", STREAM: b"data: {"}.get(path, b"[{")
    assert response.data.startswith(begins)
    [generation] = caller.generations()
    assert (generation.provider, generation.status) == ("sketch", Status.SUCCEEDED)
    assert len(caller.pictures()) == 1


@ON_SQLITE
def test_a_sketch_refuses_what_google_would(app: Flask) -> None:
    caller = Caller(app, app.test_client(), key_of_each(app)["creator"])
    body = {
        "contents": [{"parts": [{"text": "A fox"}]}],
        "generationConfig": {"imageConfig": {"imageSize": "16K"}},
    }
    response = caller.client.post(ONE, json=body, headers={"x-goog-api-key": caller.token})
    assert (response.status_code, error_of(response)["status"]) == (400, "INVALID_ARGUMENT")
    assert caller.generations() == []
