"""GET /api/images with its filters and both ways of paging."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask

from app.api.shapes import IMAGE_FIELDS
from app.services.templates import save_template
from tests.api.conftest import Ask, draw
from tests.models.samples import kept_image, many_images

DAY = datetime(2026, 3, 29, tzinfo=UTC)


@pytest.fixture
def five(app: Flask) -> None:
    """Five images, an hour apart."""
    with app.app_context():
        many_images(
            [DAY + timedelta(hours=hour) for hour in range(5)],
            model=lambda number: "b" if number == 2 else "a",
            favourite=lambda number: number == 4,
        )


def ways(answer: object) -> dict[str, str]:
    """Return the Link header as a dict from rel to address."""
    return {rel: url for url, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["Link"])}  # type: ignore[attr-defined]


def test_link_headers_lead_through_the_numbered_pages(ask: Ask, five: None) -> None:
    seen, url = [], "/api/images?per_page=2&model=a"
    while url:
        answer = ask("GET", url)
        seen += [image["id"] for image in answer.json["items"]]
        url = ways(answer).get("next", "")
    assert seen == [5, 4, 2, 1]
    assert ways(answer)["first"] == "/api/images?per_page=2&model=a&page=1"
    assert ways(answer)["prev"] == ways(answer)["first"]
    assert ways(answer)["last"] == "/api/images?per_page=2&model=a&page=2"


def test_cursors_lead_on_and_back_without_numbers(ask: Ask, five: None) -> None:
    first = ask("GET", "/api/images?limit=2").json
    assert [first[name] for name in ("page", "per_page", "total", "total_capped", "pages")] == [
        None
    ] * 5
    assert first["prev_cursor"] is None
    second = ask("GET", f"/api/images?limit=2&cursor={first['next_cursor']}")
    assert [image["id"] for image in second.json["items"]] == [3, 2]
    back = ask("GET", ways(second)["prev"]).json
    assert [image["id"] for image in back["items"]] == [5, 4]
    last = ask("GET", ways(second)["next"])
    assert [image["id"] for image in last.json["items"]] == [1]
    assert last.json["next_cursor"] is None


def test_from_a_numbered_page_cursors_lead_both_ways(context: Flask, ask: Ask) -> None:
    ids = [kept_image().id for _ in range(5)][::-1]
    page = ask("GET", "/api/images?page=2&per_page=2").json
    before, after = (
        ask("GET", f"/api/images?limit=9&cursor={page[name]}").json["items"]
        for name in ("prev_cursor", "next_cursor")
    )
    assert [each["id"] for each in before] == ids[:2]
    assert [each["id"] for each in after] == ids[4:]


def test_a_numbered_page_tells_where_a_cursor_goes_on(ask: Ask, five: None) -> None:
    cursor = ask("GET", "/api/images?per_page=3").json["next_cursor"]
    rest = ask("GET", f"/api/images?cursor={cursor}").json
    assert [image["id"] for image in rest["items"]] == [2, 1]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("model=b", [3]),
        ("model=none", []),
        ("favourite=true", [5]),
        ("favourite=false&sort=oldest", [1, 2, 3, 4]),
        ("since=2026-03-29T03:00:00Z", [5, 4]),
        ("until=2026-03-29T01:00:00Z", [1]),
        ("since=2026-03-29T05:00:00+02:00", [5, 4]),
        ("since=2026-03-29&until=2026-03-30&model=b", [3]),
        ("since=2026-03-30", []),
        ("prompt=Fox 1", [2]),
        ("deleted=only", []),
        ("source=upload", []),
        ("by=nobody", []),
        ("project=none&provider=none&generation=none&tag=a&tag=b", []),
    ],
)
def test_filters_combine(ask: Ask, five: None, query: str, ids: list[int]) -> None:
    found = ask("GET", "/api/images?" + quote(query, safe="=&+:"))
    assert [image["id"] for image in found.json["items"]] == ids
    assert found.json["total"] == len(ids)


def test_images_are_found_by_who_made_them_for_which_project_and_generation(ask: Ask) -> None:
    made = draw(ask, "A fox", project="spring", size="512").json
    query = f"by=the creator&project=spring&generation={made['id']}&source=generated"
    found = ask("GET", f"/api/images?{query}").json
    assert [image["id"] for image in found["items"]] == [made["images"][0]["id"]]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("page=1&limit=2", "either page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("since=yesterday", "'yesterday' is no time: write 2026-11-01"),
        ("since=2026-03-29T10:00:00", "time zone"),
        ("since=2026-13-01", "since"),
        ("favourite=maybe", "favourite"),
        ("deleted=all", "deleted"),
        ("sort=best", "sort"),
        ("source=thin-air", "source"),
        ("model=", "model"),
        ("prompt=%00", "prompt"),
        ("fields=id,word", "word"),
        ("fields=", ""),
    ],
)
def test_a_query_that_cannot_be_is_422_and_says_why(
    ask: Ask, five: None, query: str, hint: str
) -> None:
    answer = ask("GET", f"/api/images?{query}")
    assert answer.status_code == (422 if hint else 200)
    assert hint in answer.text


def test_a_cursor_of_another_filter_is_refused(ask: Ask, five: None) -> None:
    cursor = ask("GET", "/api/images?limit=2").json["next_cursor"]
    assert ask("GET", f"/api/images?cursor={cursor}&model=a").status_code == 422


def test_fields_picks_columns(ask: Ask, five: None) -> None:
    items = ask("GET", "/api/images?fields=id,prompt&limit=1").json["items"]
    assert items == [{"id": 5, "prompt": "Fox 4"}]


def test_every_field_is_one_that_can_be_picked(ask: Ask, five: None) -> None:
    [item] = ask("GET", "/api/images?per_page=1").json["items"]
    assert tuple(item) == IMAGE_FIELDS


@pytest.fixture
def foxes(app: Flask) -> None:
    """Three images with words."""
    with app.app_context():
        for prompt in ("A red fox in the snow", "Größe: ein roter Fuchs", "日本の狐, a fox"):
            kept_image(prompt)


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("fox", [3, 1]),
        ("FOX ", [3, 1]),
        ("fo", [3, 1]),
        ("fo ", []),
        ("grosse", [2]),
        ("fox -snow", [3]),
        ("-fox", [2]),
        ('"red fox"', [1]),
        ('"fox red"', []),
        ("狐", [3]),
        ('" OR 1=1 --', []),
        ("NOT fox*", []),
        ("  ", [3, 2, 1]),
    ],
)
def test_words_are_found_in_any_script_newest_first(
    ask: Ask, foxes: None, q: str, ids: list[int]
) -> None:
    for query in ({"q": q}, {"q": q, "limit": "20"}):
        found = ask("GET", "/api/images", query_string=query).json
        assert [image["id"] for image in found["items"]] == ids


def test_a_search_combines_with_filters_and_pages(ask: Ask, foxes: None) -> None:
    assert ask("GET", "/api/images?q=fox&model=none").json["items"] == []
    assert ask("GET", "/api/images?q=fox&sort=oldest&deleted=include").json["total"] == 2
    first = ask("GET", "/api/images?q=fox&limit=1").json
    second = ask("GET", f"/api/images?q=fox&limit=1&cursor={first['next_cursor']}").json
    assert [page["items"][0]["id"] for page in (first, second)] == [3, 1]
    back = ask("GET", f"/api/images?q=fox&limit=1&cursor={second['prev_cursor']}").json
    assert back["items"] == first["items"]
    assert [
        image["id"] for image in ask("GET", "/api/images?q=fox&page=2&per_page=1").json["items"]
    ] == [1]


def test_the_users_own_words_are_found_beside_the_final_prompt(ask: Ask, app: Flask) -> None:
    with app.app_context():
        save_template("poster", "a large poster of {user_input}")
    draw(ask, "an owl", template="poster", size="512")
    for q in ("owl", "poster owl", '"an owl"', '"poster of an owl"'):
        assert ask("GET", "/api/images", query_string={"q": q}).json["total"] == 1


def test_neighbours_lead_on_within_the_filter(ask: Ask, five: None) -> None:
    found = ask("GET", "/api/images/2/neighbours?model=a").json
    assert [found[way]["id"] for way in ("newer", "older")] == [4, 1]
    assert found["older"]["links"] == ask("GET", "/api/images/1").json["links"]
    assert ask("GET", "/api/images/5/neighbours?q=").json["newer"] is None
    assert ask("GET", "/api/images/6/neighbours").status_code == 404
    assert ask("GET", "/api/images/3/neighbours?page=1").status_code == 422
