"""Errors that no single route owns."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.api.problems import STATUS
from app.errors import ProofsheetError
from app.providers.base import ProviderError
from tests.api.conftest import Ask, asker, draw
from tests.models.samples import ON_SQLITE


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/api/images/fox", "/api/images/"])
def test_an_unknown_address_is_a_problem(ask: Ask, path: str) -> None:
    answer = ask("GET", path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["code"] == "not_found"


def test_doubled_slashes_lead_to_the_address_that_was_meant(ask: Ask) -> None:
    answer = ask("GET", "/api//images?page=1")
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/api/images?page=1")


def test_a_wrong_method_is_a_problem_that_tells_the_right_ones(ask: Ask) -> None:
    answer = ask("DELETE", "/api/images")
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
    assert "GET" in answer.json["detail"]


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"prompt": "x"'])
def test_what_is_not_json_is_400(ask: Ask, body: bytes) -> None:
    answer = ask("POST", "/api/generations", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7"])
def test_json_that_is_no_object_is_422(ask: Ask, body: bytes) -> None:
    answer = ask("POST", "/api/generations", data=body, content_type="application/json")
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_of_another_type_is_415(ask: Ask, kind: str | None) -> None:
    answer = ask("POST", "/api/generations", data=b'{"prompt": "x"}', content_type=kind)
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")


def test_a_body_over_the_limit_is_413(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(max_request_bytes=1024))
    answer = ask("POST", "/api/generations", json={"prompt": "x" * 2000})
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert "1,024 bytes, the limit of PROOFSHEET_MAX_REQUEST_BYTES" in answer.json["detail"]


@ON_SQLITE
def test_a_base_address_without_its_end_is_told_the_right_one(ask: Ask) -> None:
    for path, base in {
        "/images/generations": "OpenAI's clients ends in /v1.",
        "/images/edits": "OpenAI's clients ends in /v1.",
        "/v1beta/models/one:generateContent": "Google's clients ends in /gemini.",
        "/elsewhere": "/api names those that there are.",
    }.items():
        answer = ask("POST", path, json={})
        assert (answer.status_code, answer.json["detail"].endswith(base)) == (404, True), path


def test_a_fault_of_our_own_tells_nothing_but_that(app: Flask, ask: Ask) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    answer = ask("GET", "/broken")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", ""])
def test_a_host_name_of_somebody_elses_is_refused(ask: Ask, host: str) -> None:
    answer = ask("GET", "/api/images", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_the_public_address_and_further_names_are_answered(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(public_url="https://pictures.example.org", trusted_hosts="inside,Other"))
    for host in (
        "pictures.example.org",
        "inside:8000",
        "OTHER",
        "localhost:1",
        "127.0.0.1",
        "[::1]:8000",
    ):
        assert ask("GET", "/api/images", headers={"Host": host}).status_code == 200


def test_forwarded_headers_count_only_behind_a_proxy(make_app: Callable[..., Flask]) -> None:
    forwarded = {"X-Forwarded-Host": "evil.example"}
    assert asker(make_app())("GET", "/api/images", headers=forwarded).status_code == 200


def test_behind_a_proxy_the_forwarded_host_is_the_one_that_counts(
    make_app: Callable[..., Flask],
) -> None:
    ask = asker(make_app(proxies=1, public_url="https://pictures.example.org"))
    forwarded = {"X-Forwarded-Host": "pictures.example.org", "Host": "10.0.0.1"}
    assert ask("GET", "/api/images", headers=forwarded).status_code == 200
    assert ask("GET", "/api/images", headers={"X-Forwarded-Host": "evil"}).status_code == 400


def codes(error: type[ProofsheetError]) -> set[str]:
    # Those of commands are never answered; whether their modules are loaded depends on other tests.
    kinds = [each for each in error.__subclasses__() if not each.__module__.startswith("app.cli.")]
    return {error.code}.union(*map(codes, kinds))


def test_every_error_there_is_has_a_status(app: Flask) -> None:
    abstract = {ProofsheetError.code, ProviderError.code}
    # The latter are of files that commands alone read and write.
    never_answered = {"configuration", "internal", "damaged", "tool_failed", "unreadable"}
    assert codes(ProofsheetError) - abstract - never_answered <= STATUS.keys()


def test_a_database_that_is_away_is_503_and_no_fault_of_ours(ask: Ask, app: Flask) -> None:
    @app.get("/away")
    def away() -> None:
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    answer = ask("GET", "/away")
    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert answer.headers["Retry-After"] == "5"


def test_a_wrong_statement_is_a_fault_of_ours(ask: Ask, app: Flask) -> None:
    @app.get("/wrong")
    def wrong() -> None:
        raise ProgrammingError("SELEKT 1", {}, Exception("syntax error"))

    assert ask("GET", "/wrong").status_code == 500


def test_the_address_itself_names_the_others(client: FlaskClient) -> None:
    assert client.get("/api").json["images"] == "/api/images"


def test_prompts_come_back_in_their_own_script(ask: Ask) -> None:
    answer = draw(ask, "日本の狐", size="512")
    assert "日本の狐" in answer.text
