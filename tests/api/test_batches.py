"""/api/batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Generation
from tests.api.conftest import Ask, asker
from tests.models.samples import ON_SQLITE
from tests.processes import wait_until


def send(ask: Ask, body: str, kind: str = "text/plain", **headers: str) -> TestResponse:
    """Send prompts as text."""
    return ask(
        "POST", "/api/batches", data=body.encode(), headers={"Content-Type": kind, **headers}
    )


def ended(ask: Ask, address: str) -> dict[str, Any]:
    """Return a batch once it has ended."""
    assert wait_until(lambda: ask("GET", address).json["status"] == "ended")
    return dict(ask("GET", address).json)


def generations(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Generation)) or 0


def test_prompts_become_pictures_and_the_batch_tells_how_many(ask: Ask) -> None:
    body = {
        "name": "Animals",
        "project": "zoo",
        "size": "512",
        "prompts": ["A fox", {"prompt": "A hare", "n": 2, "project": None, "seed": 7}],
    }
    answer = ask("POST", "/api/batches", json=body)
    assert answer.status_code == 202
    address = answer.headers["Location"]
    assert address == answer.json["links"]["self"] == f"/api/batches/{answer.json['id']}"
    shown = ended(ask, address)
    assert (shown["name"], shown["project"], shown["made_by"]) == ("Animals", "zoo", "the creator")
    assert (shown["total"], shown["progress"]) == (2, {"done": 3, "total": 3})
    assert (shown["counts"]["succeeded"], shown["cost_usd"], shown["unpriced"]) == (2, 0, 0)
    hare, fox = ask("GET", shown["links"]["generations"]).json["items"]
    assert (fox["prompt"], fox["size"], fox["n"], fox["project"]) == ("A fox", "512", 1, "zoo")
    assert (hare["prompt"], hare["size"], hare["n"], hare["seed"]) == ("A hare", "512", 2, 7)
    assert {fox["batch"], hare["batch"]} == {shown["id"]}
    assert ask("GET", shown["links"]["images"]).json["total"] == 3
    refused = ask("POST", f"{address}/cancel")
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")


@ON_SQLITE
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", "A fox\n\nA hare\n"),
        ("text/csv; charset=utf-8", 'prompt,size\nA fox,1K\n"A hare",\n'),
    ],
)
def test_text_is_as_good(ask: Ask, kind: str, body: str) -> None:
    shown = send(ask, body, kind).json
    assert (shown["total"], shown["progress"]["total"], shown["name"]) == (2, 2, None)
    ended(ask, shown["links"]["self"])
    assert [each["prompt"] for each in ask("GET", shown["links"]["generations"]).json["items"]] == [
        "A hare",
        "A fox",
    ]


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prompts": ["A fox", " "]}, "prompts.1.prompt"),
        ({"prompts": ["A fox", {"prompt": "x", "n": 99}]}, "prompts.1.n"),
        ({"prompts": ["A fox", {"prompt": "x", "n": "1"}]}, "prompts.1.n"),
        ({"prompts": ["A fox", {"words": "x"}]}, "prompts.1.prompt"),
        ({"prompts": []}, "prompts"),
        ({"prompts": ["A fox"], "size": "9K"}, "prompts.0.size"),
        ({"prompts": ["A fox"], "name": "\n"}, "name"),
        ({}, "prompts"),
    ],
)
def test_one_that_does_not_fit_is_named_and_nothing_is_kept(
    ask: Ask, app: Flask, body: Any, field: str
) -> None:
    answer = ask("POST", "/api/batches", json=body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert generations(app) == 0


@ON_SQLITE
def test_of_what_is_wrong_in_many_prompts_the_first_hundred_are_told(ask: Ask) -> None:
    answer = ask("POST", "/api/batches", json={"prompts": [1] * 300})
    assert (answer.status_code, len(answer.json["errors"])) == (422, 100)


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prompts": [1] * 10_001}, "prompts"),
        ({"prompts": ["A fox"], "input_images": [""] * 1000}, "input_images.0"),
    ],
)
def test_a_list_that_is_too_long_is_not_read_to_its_end(ask: Ask, body: Any, field: str) -> None:
    answer = ask("POST", "/api/batches", json=body)
    assert [each["field"] for each in answer.json["errors"]] == [field]


@ON_SQLITE
def test_other_kinds_of_bodies_are_415(ask: Ask) -> None:
    answer = send(ask, "A fox", "text/html")
    assert answer.status_code == 415
    assert "text/csv, text/plain" in answer.json["detail"]


@ON_SQLITE
def test_a_body_has_a_limit_of_its_own(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(max_request_bytes=1024, max_batch_bytes=4096))
    shown = send(ask, f"A fox{2000 * ' '}").json
    ended(ask, shown["links"]["self"])
    answer = send(ask, f"A fox{5000 * ' '}")
    assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")
    assert "PROOFSHEET_MAX_BATCH_BYTES" in answer.json["detail"]


@ON_SQLITE
def test_a_batch_that_is_sent_twice_is_made_once(ask: Ask, app: Flask) -> None:
    key = {"Idempotency-Key": "one"}
    first, again = (send(ask, "A fox\nA hare\n", **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["Location"] == again.headers["Location"]
    assert generations(app) == 2
    assert send(ask, "A fox\n", **key).json["code"] == "idempotency_key_reused"
    ended(ask, first.headers["Location"])


@ON_SQLITE
def test_one_that_does_not_fit_in_the_queue_is_429(make_app: Callable[..., Flask]) -> None:
    answer = send(asker(make_app(max_queued=2)), "A fox\n" * 3)
    assert (answer.status_code, answer.json["code"]) == (429, "busy")


@ON_SQLITE
def test_what_failed_is_asked_for_again_as_a_new_batch(ask: Ask, app: Flask) -> None:
    first = ended(
        ask, ask("POST", "/api/batches", json={"prompts": ["A fox"]}).json["links"]["self"]
    )
    address = f"{first['links']['self']}/retry"
    refused = ask("POST", address)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    with app.app_context():
        db.session.execute(update(Generation).values(status="failed"))
        db.session.commit()
    again = [ask("POST", address, headers={"Idempotency-Key": "again"}) for _ in range(2)]
    assert [each.status_code for each in again] == [202, 202]
    assert again[0].headers["Location"] == again[1].headers["Location"]
    assert ended(ask, again[0].headers["Location"])["counts"]["succeeded"] == 1
    assert ask("POST", "/api/batches/nowhere/retry").status_code == 404


def test_the_list_goes_on_by_cursor(ask: Ask) -> None:
    made = [
        ask("POST", "/api/batches", json={"prompts": ["A fox"], "project": project}).json["id"]
        for project in ("acme", "zoo", "acme")
    ]
    first = ask("GET", "/api/batches?limit=2", role="viewer")
    second = ask("GET", first.headers["Link"].removeprefix("<").partition(">")[0])
    listed = [each["id"] for page in (first, second) for each in page.json["items"]]
    assert listed == sorted(made, reverse=True)
    ours = ask("GET", "/api/batches?project=acme").json["items"]
    assert {each["id"] for each in ours} == {made[0], made[2]}
    for each in made:
        ended(ask, f"/api/batches/{each}")


@ON_SQLITE
def test_one_that_is_not_there_is_404(ask: Ask) -> None:
    address = "/api/batches/01M815CQ1FAEJKVBR6DN9XG2A2"
    assert ask("GET", address).status_code == 404
    assert ask("POST", f"{address}/cancel").status_code == 404
