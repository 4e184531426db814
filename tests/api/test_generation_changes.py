"""/api/generations: done once by a key, cancelled, tried again, from pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import Status
from tests.api.conftest import Ask, draw, ended
from tests.fakes.gemini_server import FakeGemini
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import picture

Post = Callable[..., TestResponse]


def asking_once(ask: Ask, prompt: str, key: str = "one", wait: int | None = None) -> TestResponse:
    """Ask for pictures with a key."""
    headers = {"Idempotency-Key": key} | ({} if wait is None else {"Prefer": f"wait={wait}"})
    return ask("POST", "/api/generations", json={"prompt": prompt}, headers=headers)


def test_a_request_sent_twice_is_answered_with_the_same_pictures(ask: Ask) -> None:
    first = asking_once(ask, "A red fox", wait=30)
    again = asking_once(ask, "A red fox", wait=30)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    later = asking_once(ask, "A red fox")
    assert (later.status_code, later.json) == (202, first.json)


def test_a_second_one_waits_for_what_the_first_one_began(ask_gemini: Ask) -> None:
    first = asking_once(ask_gemini, "A red fox [[slow 0.5]]")
    assert first.status_code == 202
    hasty = asking_once(ask_gemini, "A red fox [[slow 0.5]]", wait=0)
    assert (hasty.status_code, hasty.json["id"]) == (202, first.json["id"])
    again = asking_once(ask_gemini, "A red fox [[slow 0.5]]", wait=30)
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])


def test_a_failure_is_answered_again_with_the_status_of_its_reason(ask_gemini: Ask) -> None:
    answers = [asking_once(ask_gemini, "A fox [[blocked SAFETY]]", wait=30) for _ in range(2)]
    assert [each.status_code for each in answers] == [422, 422]
    assert len({each.json["generation_id"] for each in answers}) == 1


@ON_SQLITE
def test_another_request_with_the_key_is_409(ask: Ask) -> None:
    asking_once(ask, "A red fox", wait=30)
    refused = asking_once(ask, "A blue fox")
    assert (refused.status_code, refused.json["code"]) == (409, "idempotency_key_reused")
    assert asking_once(ask, "A blue fox", key="two", wait=30).status_code == 201


@ON_SQLITE
@pytest.mark.parametrize("key", ["", "x" * 256, "ä"])
def test_what_is_no_key_is_422(ask: Ask, key: str) -> None:
    answer = asking_once(ask, "A red fox", key=key)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"


def test_what_is_being_drawn_is_cancelled_and_tried_again(ask_gemini: Ask) -> None:
    running = draw(ask_gemini, "A red fox [[slow 1]]", wait=0, n=2).json["id"]
    address = f"/api/generations/{running}"
    cancelled = ask_gemini("POST", f"{address}/cancel")
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    refused = ask_gemini("POST", f"{address}/cancel")
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    headers = {"Prefer": "wait=30", "Idempotency-Key": "again"}
    again = ask_gemini("POST", f"{address}/retry", headers=headers)
    assert (again.status_code, again.json["retry_of"]) == (201, running)
    assert again.headers["Location"] == f"/api/generations/{again.json['id']}"
    assert len(again.json["images"]) == 2
    assert ask_gemini("POST", f"{address}/retry", headers=headers).json == again.json
    assert ended(ask_gemini, address)["images"] == []


@ON_SQLITE
def test_what_succeeded_is_not_tried_again(ask: Ask, app: Flask) -> None:
    with app.app_context():
        row = generation(status=Status.SUCCEEDED).id
    refused = ask("POST", f"/api/generations/{row}/retry")
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")


def test_pictures_to_work_from_are_sent_and_are_the_parents(
    ask_gemini: Ask, gemini_app: Flask, fake_gemini: FakeGemini
) -> None:
    with gemini_app.app_context():
        given = [kept_image(data=picture(kind)).id for kind in ("GIF", "PNG")]
    shown = draw(ask_gemini, "Mend it", input_images=given[::-1]).json
    assert (shown["parents"], shown["images"][0]["parents"]) == (given[::-1], given[::-1])
    parts = fake_gemini.requests[0].body["contents"][0]["parts"]
    types = [part.get("inlineData", {}).get("mime_type") for part in parts]
    assert types == [None, "image/png", "image/jpeg"]
    made = shown["images"][0]["id"]
    tree = ask_gemini("GET", f"/api/images/{given[0]}/lineage").json
    assert (tree["image"]["id"], tree["ancestors"]) == (given[0], [])
    assert [each["id"] for each in tree["descendants"]] == [made]


@ON_SQLITE
@pytest.mark.parametrize(
    ("given", "status"),
    [([99], 404), (["1"], 422), (1, 422), ([1, 1], 422), (list(range(1, 16)), 422), (None, 422)],
)
def test_what_is_no_picture_to_work_from_is_refused(ask: Ask, given: Any, status: int) -> None:
    answer = ask("POST", "/api/generations", json={"prompt": "x", "input_images": given})
    assert answer.status_code == status
