"""What a caller may keep, and how it asks whether that is current still."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db
from app.services.templates import save_template
from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE, kept_image

LIST = "/api/images"


@pytest.fixture
def image(app: Flask) -> int:
    """One image."""
    with app.app_context():
        return kept_image().id


@pytest.fixture
def selects(app: Flask) -> Iterator[list[str]]:
    """Every SELECT of the app's requests."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    with app.app_context():
        event.remove(db.engine, "before_cursor_execute", note)


def asked_again(ask: Ask, path: str, **headers: str) -> tuple[int, bytes]:
    """Ask for what was kept, with its tag; return the status and the body."""
    tag = ask("GET", path).headers["ETag"]
    answer = ask("GET", path, headers={"If-None-Match": tag, **headers})
    assert answer.headers["ETag"] == tag or answer.status_code == 200
    return answer.status_code, answer.data


def test_a_list_that_is_current_still_costs_one_look_beside_the_key(
    ask: Ask, image: int, selects: list[str]
) -> None:
    tag = ask("GET", LIST).headers["ETag"]
    selects.clear()
    answer = ask("GET", LIST, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert len(selects) == 2
    assert ["api_keys" in each for each in selects] == [True, False]


def test_the_revision_is_read_before_anything_of_the_page(
    ask: Ask, image: int, selects: list[str]
) -> None:
    ask("GET", LIST)
    first, second, *page = selects
    assert ("api_keys" in first, "revisions" in second) == (True, True)
    assert not any("revisions" in each for each in page)
    assert any("images" in each for each in page)


def test_the_tag_of_a_list_is_weak_and_only_its_owner_may_keep_it(ask: Ask, image: int) -> None:
    tag = ask("GET", LIST).headers["ETag"]
    assert tag.startswith('W/"')
    for headers in ({}, {"If-None-Match": tag}):
        answer = ask("GET", LIST, headers=headers)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"{LIST}/1", {"favourite": True}),
        ("DELETE", f"{LIST}/1", None),
        ("POST", f"{LIST}/bulk", {"action": "tag", "ids": [1], "tags": ["fox"]}),
        ("POST", "/api/generations", {"prompt": "A fox", "size": "512"}),
    ],
)
def test_a_list_that_changed_is_told_anew_with_another_tag(
    ask: Ask, image: int, method: str, path: str, body: object
) -> None:
    before = ask("GET", LIST)
    ask(method, path, json=body, headers={"Prefer": "wait=30"})
    after = ask("GET", LIST, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.headers["ETag"] == before.headers["ETag"]) == (200, False)
    assert after.json != before.json


@ON_SQLITE
def test_what_was_so_already_leaves_the_list_as_it_is(ask: Ask, image: int) -> None:
    tag = ask("GET", LIST).headers["ETag"]
    ask("PATCH", f"{LIST}/1", json={"favourite": False})
    assert ask("GET", LIST, headers={"If-None-Match": tag}).status_code == 304


@ON_SQLITE
def test_each_list_has_a_tag_of_its_own(ask: Ask, image: int) -> None:
    queries = ("", "?page=1", "?page=2", "?limit=1", "?favourite=true", "?fields=id", "?q=fox")
    assert len({ask("GET", LIST + each).headers["ETag"] for each in queries}) == len(queries)


@ON_SQLITE
def test_a_list_with_another_number_of_entries_has_another_tag(
    make_app: Callable[..., Flask], keys: dict[str, dict[str, str]]
) -> None:
    apps = [make_app(page_size=size) for size in (1, 2)]
    answers = [app.test_client().get(LIST, headers=keys["viewer"]) for app in apps]
    assert len({answer.headers["ETag"] for answer in answers}) == 2


@ON_SQLITE
def test_a_query_that_cannot_be_is_told_whatever_the_caller_has(ask: Ask, image: int) -> None:
    tag = ask("GET", LIST).headers["ETag"]
    for query in ("?page=0", "?cursor=x", "?word=fox"):
        for kept in (tag, "*"):
            answer = ask("GET", LIST + query, headers={"If-None-Match": kept})
            assert answer.status_code == 422


@ON_SQLITE
@pytest.mark.parametrize(
    "header", ['{0}, "other"', '"other", {0}', "{0} , {0}", "*", "{1}"], ids=str
)
def test_a_tag_is_found_among_others_and_weak_or_strong(ask: Ask, image: int, header: str) -> None:
    tag = ask("GET", LIST).headers["ETag"]
    headers = {"If-None-Match": header.format(tag, tag.removeprefix("W/"))}
    assert ask("GET", LIST, headers=headers).status_code == 304


@ON_SQLITE
@pytest.mark.parametrize("header", ['"other"', 'W/"0-0"', "", '"', "x"])
def test_another_tag_gets_the_list(ask: Ask, image: int, header: str) -> None:
    answer = ask("GET", LIST, headers={"If-None-Match": header})
    assert (answer.status_code, answer.json["total"]) == (200, 1)


@ON_SQLITE
def test_head_says_what_get_would(ask: Ask, image: int) -> None:
    get, head = ask("GET", LIST), ask("HEAD", LIST)
    for name in ("ETag", "Cache-Control", "Vary", "Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]
    again = ask("HEAD", LIST, headers={"If-None-Match": get.headers["ETag"]})
    assert (again.status_code, head.data) == (304, b"")


@ON_SQLITE
def test_everything_else_that_is_read_has_a_tag_as_well(ask: Ask, image: int, app: Flask) -> None:
    with app.app_context():
        save_template("poster", "{user_input}")
    made = ask("POST", "/api/generations", json={"prompt": "A fox", "size": "512"})
    while ask("GET", made.headers["Location"]).json["finished_at"] is None:
        pass
    ask("PUT", "/api/searches/foxes", json={"query": {"q": "fox"}})
    paths = ("images/1", "images/1/neighbours", "templates", "templates/poster", "models", "me")
    for path in (*(f"/api/{each}" for each in paths), "/api/searches", made.headers["Location"]):
        assert asked_again(ask, path) == (304, b"")


@ON_SQLITE
def test_what_changed_has_another_tag(ask: Ask) -> None:
    ask("POST", "/api/templates", json={"name": "poster", "text": "{user_input}"})
    before = ask("GET", "/api/templates/poster").headers["ETag"]
    ask("PUT", "/api/templates/poster", json={"text": "{user_input}, in oil"})
    answer = ask("GET", "/api/templates/poster", headers={"If-None-Match": before})
    assert (answer.status_code, answer.headers["ETag"] == before) == (200, False)


@ON_SQLITE
def test_an_answer_to_a_change_and_a_problem_have_no_tag_of_a_list(ask: Ask, image: int) -> None:
    for answer in (
        ask("POST", "/api/images/bulk", json={"action": "delete", "ids": [1]}),
        ask("GET", "/api/images/9", headers={"If-None-Match": "*"}),
    ):
        assert answer.status_code in {200, 404}
        assert "ETag" not in answer.headers
