"""POST /api/generations and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.jobs.engine import JobEngine
from app.models import Generation
from app.services.templates import save_template
from tests.api.conftest import Ask, asker, draw, ended

FIELDS = {
    "id", "status", "prompt", "final_prompt", "template", "template_version", "variables",
    "provider", "model", "n", "aspect_ratio", "size", "seed", "project", "end_user", "made_by",
    "progress",
    "attempts", "next_try_at", "parents", "retry_of", "batch", "error", "estimated_cost_usd",
    "cost_usd", "created_at", "started_at", "finished_at", "images", "links",
}  # fmt: skip


def test_a_prompt_becomes_a_picture_while_the_caller_waits(ask: Ask) -> None:
    answer = draw(ask, "A red fox in the snow")
    assert answer.status_code == 201
    assert answer.json["status"] == "succeeded"
    assert answer.json["images"][0]["prompt"] == "A red fox in the snow"
    assert answer.headers["Location"] == f"/api/generations/{answer.json['id']}"
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert set(answer.json) == FIELDS


def test_without_waiting_the_answer_is_202_and_the_picture_comes_later(ask: Ask) -> None:
    answer = ask("POST", "/api/generations", json={"prompt": "A red fox"})
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers
    shown = ended(ask, answer.headers["Location"])
    assert shown["status"] == "succeeded"
    assert len(shown["images"]) == 1


def test_waiting_too_briefly_is_202_and_the_picture_comes_later(ask_gemini: Ask) -> None:
    answer = draw(ask_gemini, "A red fox [[slow 0.5]]", wait=0)
    assert answer.status_code == 202
    assert ended(ask_gemini, answer.headers["Location"])["status"] == "succeeded"


@pytest.mark.parametrize("prefer", ["wait=soon", "wait=-1", "wait", "respond-async", "wait=²"])
def test_a_preference_that_is_not_understood_is_ignored(ask: Ask, prefer: str) -> None:
    body = {"prompt": "A red fox"}
    answer = ask("POST", "/api/generations", json=body, headers={"Prefer": prefer})
    assert answer.status_code == 202
    assert ended(ask, answer.headers["Location"])["status"] == "succeeded"


def test_where_nobody_may_wait_the_answer_is_202(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(max_waiting=0))
    answer = draw(ask, "A red fox")
    assert answer.status_code in {201, 202}  # 201 if it was drawn before anybody looked
    assert ended(ask, answer.headers["Location"])["status"] == "succeeded"


def test_what_nobody_waited_for_is_not_said_to_be(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_waiting=0)
    app.extensions["jobs"] = JobEngine(app)  # no worker comes
    answer = draw(asker(app), "A red fox")
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_when_the_queue_is_full_it_is_429_and_nothing_is_recorded(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(max_queued=2)
    app.extensions["jobs"] = JobEngine(app)  # no worker comes
    ask = asker(app)
    assert [draw(ask, "A red fox", wait=0).status_code for _ in range(2)] == [202, 202]
    refused = draw(ask, "One more")
    assert (refused.status_code, refused.json["code"]) == (429, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Generation)) == 2


def test_every_setting_is_kept_with_the_generation_and_its_images(ask: Ask) -> None:
    wanted = {"n": 2, "aspect_ratio": "16:9", "size": "512", "seed": 7, "project": "spring"}
    shown = draw(ask, "Dunes", **wanted).json
    assert {name: shown[name] for name in wanted} == wanted
    assert shown["progress"] == {"done": 2, "total": 2}
    assert [image["seed"] for image in shown["images"]] == [7, 8]
    assert {image["project"] for image in shown["images"]} == {"spring"}
    assert shown["made_by"] == "the creator"


def test_the_users_words_and_the_final_prompt_are_both_kept(ask: Ask, app: Flask) -> None:
    with app.app_context():
        save_template("poster", "{user_input}, as a poster in {style}")
    shown = draw(ask, "A {fox}", template="poster", variables={"style": "teal"}).json
    assert shown["prompt"] == "A {fox}"
    assert shown["final_prompt"] == "A {fox}, as a poster in teal"
    assert (shown["template"], shown["template_version"]) == ("poster", 1)
    assert shown["images"][0]["prompt"] == shown["final_prompt"]


def test_a_number_with_nothing_behind_its_point_is_a_whole_one(ask: Ask) -> None:
    shown = draw(ask, "a fox", size="512", seed=7.0).json
    assert shown["seed"] == 7


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": " \n"}, "prompt"),
        ({"prompt": "x" * 20_001}, "prompt"),
        ({"prompt": "nul \0"}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": "x", "n": 0}, "n"),
        ({"prompt": "x", "n": 11}, "n"),
        ({"prompt": "x", "n": True}, "n"),
        ({"prompt": "x", "n": "2"}, "n"),
        ({"prompt": "x", "seed": -1}, "seed"),
        ({"prompt": "x", "seed": 2**31}, "seed"),
        ({"prompt": "x", "aspect_ratio": "5:7"}, "aspect_ratio"),
        ({"prompt": "x", "size": "1k"}, "size"),
        ({"prompt": "x", "model": "gemini-3-pro-image"}, "model"),
        ({"prompt": "x", "variables": {"a": "b"}}, "variables"),
        ({"prompt": "x", "project": ""}, "project"),
        ({"prompt": "x", "promt": "y"}, "promt"),
    ],
)
def test_a_field_that_does_not_fit_is_422_and_named(
    ask: Ask, body: dict[str, Any], field: str
) -> None:
    answer = ask("POST", "/api/generations", json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert answer.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("fields", "code"), [({"template": "none"}, "not_found"), ({"model": "x"}, "model_not_found")]
)
def test_what_is_not_there_is_404(ask: Ask, fields: dict[str, str], code: str) -> None:
    answer = draw(ask, "A fox", **fields)
    assert (answer.status_code, answer.json["code"]) == (404, code)


@pytest.mark.parametrize("generation_id", ["01M815CQ1FAEJKVBR6DN9XG2A2", "x" * 300, "1", "%00"])
def test_an_unknown_generation_is_404(ask: Ask, generation_id: str) -> None:
    assert ask("GET", f"/api/generations/{generation_id}").status_code == 404


def test_gemini_draws_and_the_cost_is_kept(ask_gemini: Ask) -> None:
    shown = draw(ask_gemini, "A red fox", aspect_ratio="16:9").json
    assert (shown["provider"], shown["status"]) == ("gemini", "succeeded")
    assert shown["cost_usd"] > 0
    assert shown["images"][0]["mime_type"] == "image/png"


@pytest.mark.parametrize(
    ("marker", "status", "code", "retryable"),
    [
        ("[[429 retry=17s]]", 429, "rate_limited", True),
        ("[[429-daily]]", 429, "quota_exhausted", False),
        ("[[503]]", 503, "provider_unavailable", True),
        ("[[500]]", 503, "provider_failed", False),
        ("[[504]]", 504, "provider_timeout", False),
        ("[[404]]", 404, "model_not_found", False),
        ("[[400]]", 400, "provider_rejected", False),
        ("[[403]]", 502, "provider_auth", False),
        ("[[html]]", 502, "provider_bad_answer", False),
        ("[[blocked SAFETY]]", 422, "content_blocked", False),
        ("[[no-image]]", 422, "no_image", False),
    ],
)
def test_a_failure_has_the_status_of_its_reason_and_is_history_too(
    ask_gemini: Ask, marker: str, status: int, code: str, retryable: bool
) -> None:
    answer = draw(ask_gemini, f"A red fox {marker}")
    assert (answer.status_code, answer.json["code"]) == (status, code)
    kept = ask_gemini("GET", f"/api/generations/{answer.json['generation_id']}").json
    assert (kept["status"], kept["images"]) == ("failed", [])
    assert (kept["error"]["code"], kept["error"]["retryable"]) == (code, retryable)


def test_the_providers_hint_is_passed_on_as_retry_after(ask_gemini: Ask) -> None:
    answer = draw(ask_gemini, "A red fox [[429 retry=17s]]")
    assert answer.headers["Retry-After"] == "17"


def test_a_refusal_tells_the_providers_reason(ask_gemini: Ask) -> None:
    assert draw(ask_gemini, "A red fox [[blocked SAFETY]]").json["reason"] == "SAFETY"
