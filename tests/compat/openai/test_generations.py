"""POST /v1/images/generations, below what a client makes of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image as Picture
from werkzeug.test import TestResponse

from app.body_stream import BodyTurns
from app.compat.openai import body as body_of
from app.jobs.engine import JobEngine
from app.services.marks import change_image, delete
from app.services.purge import purge_images
from app.services.rate_limits import RateLimits
from config import Settings
from tests.conftest import key_of_each
from tests.fakes.gemini_server import FakeGemini
from tests.models.samples import ON_SQLITE

PATH = "/v1/images/generations"
Ask = Callable[..., TestResponse]


def asker(app: Flask) -> Ask:
    """Return `ask(body, role="creator", …)`, which asks /v1 for pictures."""
    tokens = key_of_each(app)

    def ask(body: Any = None, *, role: str = "creator", **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens[role]}", **more.pop("headers", {})}
        sent = {"json": body} if body is not None else {}
        path = more.pop("path", PATH)
        way = {"method": "POST", **sent, **more}
        return app.test_client().open(path, headers=headers, **way)

    return ask


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Ask an app that sketches."""
    return asker(app)


@pytest.fixture
def ask_poor(make_app: Callable[..., Flask]) -> Iterator[Ask]:
    """Ask an app that draws with a fake Gemini which gives two pictures and no more."""
    with FakeGemini(quota=(2, 3600)) as server:
        yield asker(make_app(gemini_api_key="x", gemini_base_url=server.url, retries=0))


@pytest.fixture
def ask_gemini(make_app: Callable[..., Flask], fake_gemini: FakeGemini) -> Ask:
    """Ask an app that draws with the fake Gemini."""
    return asker(make_app(gemini_api_key="x", gemini_base_url=fake_gemini.url, retries=0))


def in_history(ask: Ask, answer: TestResponse) -> Any:
    """Return what our own API tells of the generation of an answer."""
    return ask(method="GET", path=f"/api/generations/{answer.json['generation']}").json


def events(answer: TestResponse) -> list[dict[str, Any]]:
    """Return what the events of a stream say."""
    lines = answer.text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def test_words_become_a_picture_that_the_history_keeps(ask: Ask) -> None:
    who = {"user": "a customer", "safety_identifier": "a hash"}
    answer = ask({"prompt": "A red fox in the snow", "size": "1536x1024", **who})
    assert answer.status_code == 200
    [image] = answer.json["data"]
    picture = Picture.open(BytesIO(base64.b64decode(image["b64_json"])))
    assert answer.json["size"] == f"{picture.width}x{picture.height}"
    kept = in_history(ask, answer)
    assert [each["id"] for each in kept["images"]] == [image["id"]]
    assert (kept["prompt"], kept["aspect_ratio"]) == ("A red fox in the snow", "3:2")
    assert kept["end_user"] == "a customer"


def test_what_is_answered_is_byte_for_byte_what_is_kept(ask_gemini: Ask) -> None:
    answer = ask_gemini({"prompt": "A red fox"})
    [image] = answer.json["data"]
    kept = ask_gemini(method="GET", path=f"/api/images/{image['id']}/file").data
    assert base64.b64decode(image["b64_json"]) == kept
    assert answer.json["output_format"] == "png"


@ON_SQLITE
def test_pictures_in_base64_are_not_compressed_once_more(ask: Ask) -> None:
    answer = ask({"prompt": "A red fox"}, headers={"Accept-Encoding": "gzip"})
    assert answer.content_length > 100_000
    assert "Content-Encoding" not in answer.headers


def test_fewer_pictures_than_asked_for_say_why(ask_poor: Ask) -> None:
    answer = ask_poor({"prompt": "A red fox", "n": 3})
    assert answer.status_code == 200
    assert len(answer.json["data"]) == 2
    assert answer.json["incomplete"]["asked"] == 3


def test_a_stream_tells_of_what_came_and_of_what_did_not(ask_poor: Ask) -> None:
    answer = ask_poor({"prompt": "A red fox", "n": 3, "stream": True})
    assert answer.mimetype == "text/event-stream"
    completed = "image_generation.completed"
    assert [each["type"] for each in events(answer)] == [completed, completed, "error"]


@ON_SQLITE
def test_a_provider_that_takes_no_more_for_long_is_not_waited_for(
    make_app: Callable[..., Flask],
) -> None:
    with FakeGemini(quota=(1, 3600)) as server:
        ask = asker(make_app(gemini_api_key="x", gemini_base_url=server.url))
        some = ask({"prompt": "A red fox", "n": 2})
        assert (len(some.json["data"]), some.json["incomplete"]["code"]) == (1, "rate_limited")
        none = ask({"prompt": "A red fox"})
        [event] = events(ask({"prompt": "A red fox", "stream": True}))
    error = none.json["error"]
    assert (none.status_code, error["code"]) == (429, "rate_limit_exceeded")
    assert none.headers["X-Should-Retry"] == "false"
    assert 3000 < int(none.headers["Retry-After"]) < 4000
    assert event["error"]["code"] == "rate_limit_exceeded"
    kept = ask(method="GET", path=f"/api/generations/{error['generation']}").json
    assert (kept["status"], kept["cost_usd"]) == ("failed", 0)


def test_the_same_key_gives_the_same_pictures(ask: Ask) -> None:
    headers = {"Idempotency-Key": "one"}
    first = ask({"prompt": "A red fox"}, headers=headers)
    again = ask({"prompt": "A red fox"}, headers=headers)
    assert first.json["generation"] == again.json["generation"]
    other = ask({"prompt": "A hare"}, headers=headers)
    assert (other.status_code, other.headers["X-Should-Retry"]) == (409, "false")


def test_what_was_deleted_is_gone_for_its_key(app: Flask, ask: Ask) -> None:
    again = {"body": {"prompt": "A red fox", "n": 2}, "headers": {"Idempotency-Key": "one"}}
    first, second = (each["id"] for each in ask(**again).json["data"])
    with app.app_context():
        change_image(first, delete())
    answer = ask(**again)
    assert [each["id"] for each in answer.json["data"]] == [second]
    assert answer.json["incomplete"]["code"] == "gone"
    with app.app_context():
        change_image(second, delete())
    for asked_again in range(2):  # deleted, then purged
        answer = ask(**again)
        assert (answer.status_code, answer.json["error"]["code"]) == (410, "gone"), asked_again
        assert "new Idempotency-Key" in answer.json["error"]["message"]
        if not asked_again:
            with app.app_context():
                purge_images([first, second])


def test_what_is_sent_again_by_a_client_is_drawn_once(ask: Ask) -> None:
    body = {"prompt": "A red fox"}
    first = ask(body, headers={"X-Stainless-Retry-Count": "0"})
    again = ask(body, headers={"X-Stainless-Retry-Count": "1"})
    assert first.json["data"] == again.json["data"]
    anew = ask(body, headers={"X-Stainless-Retry-Count": "0"})
    assert anew.json["generation"] != first.json["generation"]


@ON_SQLITE
def test_what_comes_again_after_a_refusal_is_drawn_anew(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_waiting=1)
    ask = asker(app)
    headers = [{"X-Stainless-Retry-Count": str(times)} for times in range(4)]
    first = ask({"prompt": "A red fox"}, headers=headers[0])
    with app.extensions["waiters"].place():
        for refused in headers[:2]:
            assert ask({"prompt": "A red fox"}, headers=refused).status_code == 503
    second = ask({"prompt": "A red fox"}, headers=headers[2])
    assert second.json["generation"] != first.json["generation"]
    # Who gave up waiting for that one finds it.
    third = ask({"prompt": "A red fox"}, headers=headers[3])
    assert third.json["generation"] == second.json["generation"]


@ON_SQLITE
def test_what_was_begun_before_a_refusal_is_found_after_it(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_waiting=1)
    ask = asker(app)
    headers = [{"X-Stainless-Retry-Count": str(times)} for times in range(3)]
    first = ask({"prompt": "A red fox"}, headers=headers[0])
    with app.extensions["waiters"].place():
        assert ask({"prompt": "A red fox"}, headers=headers[1]).status_code == 503
    again = ask({"prompt": "A red fox"}, headers=headers[2])
    assert again.json["generation"] == first.json["generation"]


@ON_SQLITE
def test_a_refusal_is_that_of_its_own_words_alone(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_waiting=1)
    ask = asker(app)
    headers = [{"X-Stainless-Retry-Count": str(times)} for times in range(2)]
    dogs = ask({"prompt": "Two dogs"}, headers=headers[0])
    with app.extensions["waiters"].place():
        assert ask({"prompt": "Two cats"}, headers=headers[0]).status_code == 503
    again = ask({"prompt": "Two dogs"}, headers=headers[1])
    assert again.json["generation"] == dogs.json["generation"]


@ON_SQLITE
def test_who_asked_too_often_and_comes_again_began_nothing(make_app: Callable[..., Flask]) -> None:
    app = make_app(requests_per_minute=1)
    ask = asker(app)
    headers = [{"X-Stainless-Retry-Count": str(times)} for times in range(2)]
    first = ask({"prompt": "A red fox"}, headers=headers[0])
    assert ask({"prompt": "A red fox"}, headers=headers[0]).status_code == 429
    app.extensions["rate_limits"] = RateLimits(Settings())
    again = ask({"prompt": "A red fox"}, headers=headers[1])
    assert again.json["generation"] != first.json["generation"]


@ON_SQLITE
def test_who_sends_while_too_many_send_slowly_is_told_to_come_again(app: Flask, ask: Ask) -> None:
    app.extensions["body_turns"] = BodyTurns(0, 0)
    answer = ask({"prompt": "A red fox"})
    assert (answer.status_code, answer.headers["X-Should-Retry"]) == (503, "true")


@ON_SQLITE
def test_a_header_names_the_project(ask: Ask) -> None:
    name = "Ünï".encode().decode("latin-1")
    answer = ask({"prompt": "A red fox"}, headers={"X-Proofsheet-Project": name})
    assert in_history(ask, answer)["project"] == "Ünï"


@ON_SQLITE
def test_fields_without_meaning_are_passed_over(ask: Ask) -> None:
    body = {"prompt": "A red fox", **dict.fromkeys(body_of.IGNORED, "anything"), "new": [1]}
    assert ask(body).status_code == 200
    assert not body_of.IGNORED.keys() & body_of.ImageBody.model_fields.keys()


@ON_SQLITE
def test_names_of_others_models_mean_the_default_and_all_are_sketched_without_a_key(
    ask: Ask,
) -> None:
    for name in ("gpt-image-2.5-sunburst", "dall-e-3", "gemini-nano-banana-2.1", "sketch-1", None):
        answer = ask({"prompt": "A red fox", "model": name})
        assert in_history(ask, answer)["model"] == "sketch-1", name


DEEP = b'{"prompt":' + b"[" * 200_000
WRONG = {
    "no words": ({}, "prompt"),
    "nothing to draw": ({"prompt": " "}, "prompt"),
    "a NUL": ({"prompt": "a\0b"}, "prompt"),
    "a number for words": ({"prompt": 7}, "prompt"),
    "a text for a number": ({"prompt": "A fox", "n": "2"}, "n"),
    "none at all": ({"prompt": "A fox", "n": 0}, "n"),
    "a fraction": ({"prompt": "A fox", "n": 1.5}, "n"),
    "more than there are": ({"prompt": "A fox", "n": 10**18}, "n"),
    "a number beyond numbers": (b'{"prompt": "A fox", "n": 1e999}', "n"),
    "a longer number": (b'{"prompt": "A fox", "n": ' + b"9" * 5000 + b"}", None),
    "no size": ({"prompt": "A fox", "size": "huge"}, "size"),
    "no quality": ({"prompt": "A fox", "quality": "best"}, "quality"),
    "a moving picture": ({"prompt": "A fox", "output_format": "gif"}, "output_format"),
    "no format": ({"prompt": "A fox", "response_format": "hex"}, "response_format"),
    "too much of it": ({"prompt": "A fox", "output_compression": 101}, "output_compression"),
    "perhaps a stream": ({"prompt": "A fox", "stream": "yes"}, "stream"),
    "a user of two lines": ({"prompt": "A fox", "user": "a\nb"}, "user"),
    "a list": ([], None),
    "half of it": (b'{"prompt": "A fo', None),
    "half a letter": (b'{"prompt": "\\ud83d"}', None),
    "no text": (b'{"prompt": "\xff"}', None),
    "a deep hole": (DEEP, None),
}


@ON_SQLITE
def test_what_cannot_be_drawn_is_refused_with_its_field(ask: Ask) -> None:
    for what, (sent, field) in WRONG.items():
        raw = {"data": sent, "content_type": "application/json"}
        answer = ask(**raw) if isinstance(sent, bytes) else ask(sent)
        assert answer.status_code == 400, what
        error = answer.json["error"]
        assert (error["type"], error["param"]) == ("invalid_request_error", field), what
    assert ask(method="GET", path="/api/generations").json["items"] == []


REFUSED = [
    ({"data": b"prompt=fox"}, 400, "unsupported_content_type"),
    ({"method": "GET"}, 405, "method_not_allowed"),
    ({"path": "/v1/chat/completions"}, 404, "not_found"),
    ({"role": "viewer"}, 403, "insufficient_permissions"),
    ({"headers": {"Authorization": "Bearer ps_wrong"}}, 401, "invalid_api_key"),
    ({"headers": {"Authorization": ""}}, 401, "invalid_api_key"),
    ({"headers": {"Host": "elsewhere.example.org"}}, 400, "bad_request"),
    ({"body": {"prompt": "A fox", "model": "gpt-5"}}, 404, "model_not_found"),
]


@ON_SQLITE
def test_every_refusal_has_the_shape_that_clients_read(ask: Ask) -> None:
    for way, status, code in REFUSED:
        answer = ask(**way)
        assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
        assert answer.json["error"].keys() == {"message", "type", "param", "code"}
        assert answer.headers["X-Request-Id"]
        assert "X-Should-Retry" not in answer.headers


@ON_SQLITE
def test_what_is_too_long_is_refused(make_app: Callable[..., Flask]) -> None:
    answer = asker(make_app(max_request_bytes=1024))({"prompt": "fox" * 1000})
    assert answer.status_code == 413
    assert "PROOFSHEET_MAX_REQUEST_BYTES" in answer.json["error"]["message"]


@ON_SQLITE
def test_where_nobody_more_can_wait_nothing_is_begun(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(max_waiting=0))
    answer = ask({"prompt": "A red fox"})
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "server_busy")
    assert answer.headers["X-Should-Retry"] == "true"
    assert int(answer.headers["Retry-After"]) > 0
    assert ask(method="GET", path="/api/generations").json["items"] == []


@ON_SQLITE
def test_a_place_is_free_again_however_a_wait_ended(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(max_waiting=1))
    assert ask({"prompt": " "}).status_code == 400
    assert ask({"prompt": "A red fox", "stream": True}).status_code == 200
    # Somebody who asks for a stream and reads nothing of it.
    ask({"prompt": "A red fox", "stream": True}, buffered=False).close()
    assert ask({"prompt": "A red fox"}).status_code == 200


@ON_SQLITE
def test_who_asks_too_often_is_told_to_come_again(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(requests_per_minute=1))
    assert ask({"prompt": " "}).status_code == 400
    answer = ask({"prompt": "A red fox"})
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "rate_limit_exceeded")
    assert (answer.headers["X-Should-Retry"], "Retry-After" in answer.headers) == ("true", True)


@ON_SQLITE
def test_beyond_the_budget_nothing_is_drawn_nor_asked_again(
    make_app: Callable[..., Flask], fake_gemini: FakeGemini
) -> None:
    changes = {"gemini_api_key": "x", "gemini_base_url": fake_gemini.url}
    ask = asker(make_app(daily_budget=0.01, **changes))
    answer = ask({"prompt": "A red fox"})
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "insufficient_quota")
    assert answer.headers["X-Should-Retry"] == "false"
    assert fake_gemini.requests == []


@ON_SQLITE
def test_who_waits_longest_is_told_where_it_will_be(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    app.extensions["jobs"] = JobEngine(app)  # no worker comes
    monkeypatch.setattr("app.compat.openai.asking.LONGEST_WAIT_SECONDS", 0.05)
    ask = asker(app)
    answer = ask({"prompt": "A red fox"})
    assert (answer.status_code, answer.headers["X-Should-Retry"]) == (504, "false")
    error = answer.json["error"]
    assert error["code"] == "still_running"
    shown = ask(method="GET", path=f"/api/generations/{error['generation']}")
    assert shown.json["status"] == "queued"
