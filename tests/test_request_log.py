"""Every request has an id and a line in the log."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import measures
from tests.log import logging_to
from tests.models.samples import ON_SQLITE

Keys = dict[str, dict[str, str]]
pytestmark = ON_SQLITE
# By this name, since a traceback quotes the code.
WORDS = "a red fox"


def test_a_request_is_one_line_without_its_query(client: FlaskClient, keys: Keys) -> None:
    with logging_to() as log:
        answer = client.get("/api/images?q=a+red+fox", headers=keys["viewer"])
    [told] = log.lines()
    assert told.pop("time")
    assert told.pop("duration_ms") > 0
    assert told == {
        "level": "info",
        "event": "request",
        "request_id": answer.headers["X-Request-Id"],
        "method": "GET",
        "path": "/api/images",
        "status": 200,
        "bytes": answer.content_length,
        "key": "the viewer",
        "remote_addr": "127.0.0.1",
    }


@pytest.mark.parametrize("sent", ["a", "7f0c1d5e-3a64-4b8f-9d0b-5f2d1a0b9c3e", "Root=1-67:x/y@z+"])
def test_an_id_that_was_sent_is_kept(client: FlaskClient, sent: str) -> None:
    with logging_to() as log:
        answer = client.get("/healthz", headers={"X-Request-Id": sent})
    assert answer.headers["X-Request-Id"] == log.lines()[0]["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "a\tb", "é", '"', "-a", "{}"])
def test_of_another_one_a_new_one_is_made(client: FlaskClient, sent: str) -> None:
    first, second = (client.get("/healthz", headers={"X-Request-Id": sent}) for _ in range(2))
    ids = first.headers["X-Request-Id"], second.headers["X-Request-Id"]
    assert len(set(ids) - {sent}) == 2
    assert all(len(each) == 26 for each in ids)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/nowhere", {}, 404),
        ("/api/images", {}, 401),
        ("/healthz", {"Host": "evil.example"}, 400),
    ],
)
def test_what_is_refused_has_a_line_too(
    client: FlaskClient, path: str, headers: dict[str, str], status: int
) -> None:
    with logging_to() as log:
        answer = client.get(path, headers=headers)
    [told] = log.lines("request")
    assert (told["status"], told["path"], told["key"]) == (status, path, None)
    assert answer.headers["X-Request-Id"] == told["request_id"]


@pytest.mark.parametrize("path", ["/s/{}", "/s/{}/3/small", "/s/ {}", "/s/x{}\n", "/x/s/{}"])
def test_the_link_to_a_proof_sheet_is_not_told(client: FlaskClient, path: str) -> None:
    secret = "Ab12Cd34" * 5 + "Ef5"
    with logging_to() as log:
        client.get(path.format(secret))
    assert len(log.lines("request")) == 1
    assert secret not in log.text


def test_a_key_that_may_not_is_named(client: FlaskClient, keys: Keys) -> None:
    with logging_to() as log:
        assert client.get("/api/keys", headers=keys["viewer"]).status_code == 403
    assert log.lines()[0]["key"] == "the viewer"


def test_a_fault_is_told_with_the_requests_id(app: Flask) -> None:
    app.add_url_rule("/broken", view_func=lambda: int(WORDS))
    with logging_to() as log:
        answer = app.test_client().get("/broken?q=a+red+fox")
    fault, request = log.lines()
    assert (answer.status_code, request["status"]) == (500, 500)
    assert (fault["event"], fault["level"], fault["path"]) == ("fault", "error", "/broken")
    assert fault["request_id"] == request["request_id"] == answer.headers["X-Request-Id"]
    assert WORDS not in log.text


def test_requests_are_counted_by_route_and_not_by_what_anybody_makes_up(
    app: Flask, client: FlaskClient, keys: Keys
) -> None:
    for path in ("/api/images/1", "/api/images/2", "/x", "/y"):
        client.get(path, headers=keys["viewer"])
    client.open("/healthz", method="MADE-UP")
    with app.app_context():
        found = measures().statuses()
        spread = measures().requests()["GET", "/api/images/<int:image_id>"]
    assert found == {
        ("GET", "/api/images/<int:image_id>", 404): 2,
        ("GET", "none", 404): 2,
        ("other", "none", 405): 1,
    }
    assert sum(spread.counts) == 2
    assert spread.seconds > 0
