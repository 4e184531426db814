"""PATCH and DELETE /api/images/{id}, its restore, and POST /api/images/bulk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE, many_images

ONE = "/api/images/1"
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.fixture
def images(app: Flask) -> list[int]:
    """Three images, of which only the rows are there."""
    with app.app_context():
        many_images([NOON + timedelta(seconds=number) for number in range(3)])
    return [1, 2, 3]


@pytest.mark.usefixtures("images")
def test_marks_are_kept_and_told_with_a_new_etag(ask: Ask) -> None:
    wanted = {"favourite": True, "tags": ["art", "fox"], "note": "My best.", "project": "spring"}
    answer = ask("PATCH", ONE, json=wanted)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1-2"')
    assert {name: answer.json[name] for name in wanted} == wanted
    assert ask("GET", ONE).json == answer.json


@pytest.mark.usefixtures("images")
def test_what_is_left_out_stays_and_null_takes_away(ask: Ask) -> None:
    ask("PATCH", ONE, json={"favourite": True, "note": "Good", "project": "spring"})
    shown = ask("PATCH", ONE, json={"note": None, "project": None}).json
    assert (shown["favourite"], shown["note"], shown["project"]) == (True, None, None)


@pytest.mark.usefixtures("images")
def test_what_is_so_already_keeps_its_etag(ask: Ask) -> None:
    for body in ({}, {"favourite": False}, {"tags": []}, {"note": ""}):
        assert ask("PATCH", ONE, json=body).headers["ETag"] == '"1-1"'


@pytest.mark.usefixtures("images")
def test_tags_come_back_stripped_sorted_and_once(ask: Ask) -> None:
    shown = ask("PATCH", ONE, json={"tags": [" snow", "Fox", "fox", "狐"]}).json
    assert shown["tags"] == ["Fox", "snow", "狐"]


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"favourite": None}, "favourite"),
        ({"favourite": 1}, "favourite"),
        ({"favourite": "true"}, "favourite"),
        ({"tags": None}, "tags"),
        ({"tags": "fox"}, "tags"),
        ({"tags": [7]}, "tags.0"),
        ({"tags": [""]}, "tags"),
        ({"tags": ["a\nb"]}, "tags"),
        ({"tags": ["x" * 65]}, "tags"),
        ({"tags": [str(number) for number in range(51)]}, "tags"),
        ({"note": 7}, "note"),
        ({"note": "x" * 10_001}, "note"),
        ({"note": "nul \0"}, "note"),
        ({"project": ""}, "project"),
        ({"project": "x" * 101}, "project"),
        ({"favorite": True}, "favorite"),
        ({"prompt": "Another"}, "prompt"),
    ],
)
def test_a_mark_that_does_not_fit_is_422_and_named(
    ask: Ask, body: dict[str, Any], field: str
) -> None:
    answer = ask("PATCH", ONE, json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert ask("PATCH", ONE, json={}).headers["ETag"] == '"1-1"'


@pytest.mark.parametrize("image_id", ["9", "0", "9" * 30])
@pytest.mark.usefixtures("images")
def test_an_unknown_image_is_404_whatever_is_asked_of_it(ask: Ask, image_id: str) -> None:
    path = f"/api/images/{image_id}"
    answers = [
        ask("PATCH", path, json={"favourite": True}, headers={"If-Match": '"9-1"'}),
        ask("DELETE", path, headers={"If-Match": "*"}),
        ask("POST", f"{path}/restore"),
    ]
    assert [(each.status_code, each.json["code"]) for each in answers] == [(404, "not_found")] * 3


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("header", ['"1-1"', "*", '"9-9", "1-1"', 'W/"1-1", "1-1"'])
def test_a_change_is_made_when_the_caller_saw_what_there_is(ask: Ask, header: str) -> None:
    answer = ask("PATCH", ONE, json={"favourite": True}, headers={"If-Match": header})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1-2"')


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("header", ['"1-2"', '"2-1"', 'W/"1-1"', '"9-9", "8-8"', '"', "", '"1-1'])
@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("PATCH", ONE, {"json": {"favourite": True}}),
        ("DELETE", ONE, {}),
        ("POST", f"{ONE}/restore", {}),
    ],
)
def test_a_change_to_what_the_caller_did_not_see_is_412_and_not_made(
    ask: Ask, method: str, path: str, more: dict[str, Any], header: str
) -> None:
    before = ask("GET", ONE).json
    answer = ask(method, path, headers={"If-Match": header}, **more)
    assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
    assert "get it again" in answer.json["detail"]
    assert ask("GET", ONE).json == before


@pytest.mark.usefixtures("images")
def test_of_those_who_saw_the_same_one_is_served_and_the_others_get_412(ask: Ask) -> None:
    def note(number: int) -> int:
        headers = {"If-Match": '"1-1"'}
        return ask("PATCH", ONE, json={"note": str(number)}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(note, range(8)))
    assert sorted(statuses) == [200] + [412] * 7
    assert ask("GET", ONE).json["note"] == str(statuses.index(200))


@pytest.mark.usefixtures("images")
def test_nobodys_tag_is_lost_when_all_read_try_and_try_again(ask: Ask) -> None:
    def add(tag: str) -> None:
        while True:
            seen = ask("PATCH", ONE, json={})
            body = {"tags": [*seen.json["tags"], tag]}
            headers = {"If-Match": seen.headers["ETag"]}
            if ask("PATCH", ONE, json=body, headers=headers).status_code == 200:
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, "abcd"))
    assert ask("GET", ONE).json["tags"] == list("abcd")


@pytest.mark.usefixtures("images")
def test_a_deleted_image_is_still_answered_but_listed_no_more(ask: Ask) -> None:
    for _ in range(2):
        answer = ask("DELETE", ONE)
        assert (answer.status_code, answer.data) == (204, b"")
    assert ask("GET", ONE).json["deleted_at"].endswith("Z")
    listed = ask("GET", "/api/images").json
    assert ([each["id"] for each in listed["items"]], listed["total"]) == ([3, 2], 2)


@pytest.mark.usefixtures("images")
def test_a_deleted_image_is_restored_as_it_was(ask: Ask) -> None:
    ask("PATCH", ONE, json={"favourite": True, "tags": ["fox"]})
    before = ask("GET", ONE).json
    ask("DELETE", ONE)
    for _ in range(2):
        answer = ask("POST", f"{ONE}/restore")
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"1-4"')
        assert answer.json == before
    assert ask("GET", "/api/images").json["total"] == 3


@pytest.mark.parametrize(
    ("action", "undo", "more"),
    [
        ("favourite", "unfavourite", {}),
        ("tag", "untag", {"tags": ["fox"]}),
        ("delete", "restore", {}),
    ],
)
@pytest.mark.usefixtures("images")
def test_many_are_changed_and_changed_back(
    ask: Ask, action: str, undo: str, more: dict[str, Any]
) -> None:
    before = ask("GET", ONE).json
    for step in (action, undo):
        assert bulk(ask, action=step, ids=[1, 2], **more) == {"matched": 2, "changed": 2}
        assert bulk(ask, action=step, ids=[1, 2], **more) == {"matched": 2, "changed": 0}
        assert (ask("GET", ONE).json == before) is (step == undo)


@pytest.mark.usefixtures("images")
def test_what_many_get_is_what_was_asked_for(ask: Ask) -> None:
    bulk(ask, action="favourite", ids=[1, 2])
    bulk(ask, action="tag", ids=[1, 2], tags=["snow", "fox"])
    bulk(ask, action="delete", ids=[1, 2])
    for image_id in (1, 2):
        shown = ask("GET", f"/api/images/{image_id}").json
        assert (shown["favourite"], shown["tags"]) == (True, ["fox", "snow"])
        assert shown["deleted_at"] is not None
    assert ask("GET", "/api/images").json["total"] == 1


def test_many_get_a_project_and_lose_it(ask: Ask, images: list[int]) -> None:
    for project in ("spring", None):
        answer = bulk(ask, action="project", ids=images, project=project)
        assert answer == {"matched": 3, "changed": 3}
        assert ask("GET", ONE).json["project"] == project


def test_an_id_that_is_named_twice_is_one_image(ask: Ask, images: list[int]) -> None:
    answer = bulk(ask, action="favourite", ids=images * 2)
    assert answer == {"matched": 3, "changed": 3}


@pytest.mark.parametrize("unknown", [9, 0, -1, 10**30])
def test_one_unknown_id_is_404_and_none_is_changed(
    ask: Ask, images: list[int], unknown: int
) -> None:
    body = {"action": "delete", "ids": [*images, unknown]}
    answer = ask("POST", "/api/images/bulk", json=body)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert f"no image {unknown}." in answer.json["detail"]
    assert ask("GET", "/api/images").json["total"] == 3


@ON_SQLITE
@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": [1]}, "action"),
        ({"action": "purge", "ids": [1]}, "action"),
        ({"action": "delete"}, "ids"),
        ({"action": "delete", "ids": []}, "ids"),
        ({"action": "delete", "ids": [1] * 1001}, "ids"),
        ({"action": "delete", "ids": ["1"]}, "ids.0"),
        ({"action": "delete", "ids": [1.5]}, "ids.0"),
        ({"action": "delete", "ids": [1], "tags": ["fox"]}, "tags"),
        ({"action": "tag", "ids": [1]}, "tags"),
        ({"action": "tag", "ids": [1], "tags": []}, "tags"),
        ({"action": "untag", "ids": [1], "tags": [" "]}, "tags"),
        ({"action": "tag", "ids": [1], "tags": ["fox"], "project": None}, "project"),
        ({"action": "project", "ids": [1]}, "project"),
        ({"action": "project", "ids": [1], "project": ""}, "project"),
        ({"action": "project", "ids": [1], "project": 7}, "project"),
        ({"action": "delete", "ids": [1], "filter": {}, "expected": 3}, "filter"),
        ({"action": "delete", "ids": [1], "dry_run": True}, "dry_run"),
        ({"action": "delete", "ids": [1], "expected": 1}, "expected"),
        ({"action": "delete", "filter": {}}, "expected"),
        ({"action": "delete", "filter": {}, "expected": -1}, "expected"),
        ({"action": "delete", "filter": {}, "expected": 3, "dry_run": True}, "expected"),
        ({"action": "delete", "filter": {"page": "1"}, "expected": 3}, "page"),
        ({"action": "delete", "filter": {"deleted": ["only", "only"]}, "expected": 3}, "deleted"),
        ({"action": "tag", "filter": {}, "expected": 3}, "tags"),
    ],
)
def test_a_body_that_does_not_fit_is_422_and_named(
    ask: Ask, body: dict[str, Any], field: str
) -> None:
    answer = ask("POST", "/api/images/bulk", json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]


@pytest.mark.usefixtures("images")
def test_what_a_filter_means_is_changed_once_it_was_looked_at(ask: Ask) -> None:
    bulk(ask, action="favourite", ids=[1, 3])
    wanted = {"action": "delete", "filter": {"favourite": "true"}}
    seen = bulk(ask, **wanted, dry_run=True)
    assert seen == {"matched": 2, "would_change": 2, "expected": 2}
    assert ask("GET", "/api/images").json["total"] == 3
    assert bulk(ask, **wanted, expected=2) == {"matched": 2, "changed": 2}
    assert [each["id"] for each in ask("GET", "/api/images").json["items"]] == [2]


@pytest.mark.usefixtures("images")
def test_a_filter_that_means_another_number_now_is_409_and_none_is_changed(ask: Ask) -> None:
    body = {"action": "delete", "filter": {}, "expected": 2}
    answer = ask("POST", "/api/images/bulk", json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert answer.json["matched"] == 3
    assert "3 images now and not 2" in answer.json["detail"]
    assert ask("GET", "/api/images").json["total"] == 3


def test_what_many_delete_and_restore_at_once_leaves_the_total_right(
    ask: Ask, images: list[int]
) -> None:
    def toggle(number: int) -> dict[str, int]:
        order = images if number % 2 else images[::-1]
        return bulk(ask, action="restore" if number % 3 else "delete", ids=order)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(toggle, range(24)))
    bulk(ask, action="restore", ids=images)
    assert ask("GET", "/api/images").json["total"] == 3


def bulk(ask: Ask, **body: Any) -> dict[str, int]:
    answer = ask("POST", "/api/images/bulk", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)
