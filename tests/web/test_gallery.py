"""The gallery: rows by day, its search and filters in the address, kept searches."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app import imaging
from app.extensions import db
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.types import utc_now
from app.services import marks
from tests.pictures import picture
from tests.web.conftest import Browse, browser

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def keep(app: Flask, *images: tuple[str, datetime], tag: str | None = None) -> list[int]:
    """Keep pictures with these prompts of these moments; return their ids."""
    drawn = imaging.prepare(picture())
    details = ImageDetails(tags=(tag,) if tag else ())
    with app.app_context():
        kept = ImageManager().store_all(
            NewImage(prompt, drawn, details, created_at=moment) for prompt, moment in images
        )
        db.session.commit()
        return [image.id for image in kept]


def headings(html: str) -> list[str]:
    return re.findall(r'<section class="day"[^>]*>\s*<h2>([^<]*)</h2>', html)


def tiles(html: str) -> list[int]:
    return [int(each) for each in re.findall(r'<li class="tile[^>]* id="image-(\d+)"', html)]


def test_an_empty_gallery_says_what_to_do(browse: Browse) -> None:
    assert "Your first picture" in browse("GET", "/").text
    assert "Whoever has a key with the role creator" in browse("GET", "/", role="viewer").text


def test_pictures_stand_under_the_days_they_were_made_on_newest_first(
    app: Flask, browse: Browse
) -> None:
    now = utc_now()
    ids = keep(
        app, ("old", NOON - timedelta(days=400)), ("before", now - timedelta(days=1)), ("new", now)
    )
    page = browse("GET", "/").text
    assert tiles(page) == ids[::-1]
    assert headings(page) == ["Today", "Yesterday", "Thursday, 16 October 2025"]


def test_days_are_those_of_the_owners_time_zone(make_app: Callable[..., Flask]) -> None:
    app = make_app(timezone="Pacific/Auckland")
    keep(app, ("late", NOON))
    browse = browser(app)
    assert headings(browse("GET", "/?sort=oldest").text) == ["Saturday, 21 November 2026"]
    assert tiles(browse("GET", "/?from=2026-11-21&to=2026-11-21").text)
    assert not tiles(browse("GET", "/?from=2026-11-20&to=2026-11-20").text)


def test_what_a_search_finds_stands_by_the_month(app: Flask, browse: Browse) -> None:
    keep(app, ("a red fox", NOON), ("a fox", NOON - timedelta(days=3)), ("a hare", NOON))
    page = browse("GET", "/?q=fox").text
    assert headings(page) == ["November 2026"]
    assert len(tiles(page)) == 2
    assert "2 pictures" in page


def test_a_search_that_finds_nothing_says_how_to_go_on(browse: Browse) -> None:
    page = browse("GET", "/?q=unicorn").text
    assert "Nothing matches" in page
    assert "Show everything" in page


@pytest.mark.parametrize(
    "query",
    [
        *("day=x", "day=2026-02-30", "day=0001-01-01", "day=9999-12-31", "day=%00"),
        *("from=yesterday", "to=2026-13-01", "from=0001-01-01", "to=9999-12-31", "since=x"),
        *("prompt_id=x", "prompt_id=0", "prompt_id=99999999999999999999", "source=x", "deleted=x"),
        *("q=%00", "favourite=1", "sort=x", "cursor=x", "cursor=%00", f"q={'x' * 1001}"),
    ],
)
def test_a_filter_that_is_none_is_a_page_that_says_so(browse: Browse, query: str) -> None:
    page = browse("GET", f"/?{query}")
    assert (page.status_code, page.mimetype) == (422, "text/html")
    fragment = browse("GET", f"/?{query}", headers={"X-Fragment": "1"})
    assert (fragment.status_code, fragment.mimetype) == (422, "application/problem+json")


def test_blank_fields_of_the_form_do_not_narrow(app: Flask, browse: Browse) -> None:
    keep(app, ("a fox", NOON))
    page = browse("GET", "/?q=&model=&from=&to=&tag=&project=&by=&source=&sort=")
    assert len(tiles(page.text)) == 1


def test_each_condition_can_be_taken_away_by_itself(app: Flask, browse: Browse) -> None:
    page = browse("GET", "/?q=fox&tag=sea&tag=dusk&favourite=true").text
    chips = re.findall(r'<a class="chip" href="([^"]*)" title="Take', page)
    assert chips == [
        "/?q=fox&amp;tag=dusk&amp;favourite=true",
        "/?q=fox&amp;tag=sea&amp;favourite=true",
        "/?q=fox&amp;tag=sea&amp;tag=dusk",
    ]


def test_links_lead_through_all_pages_and_back_without_a_script(app: Flask, browse: Browse) -> None:
    times = (NOON + timedelta(minutes=number) for number in range(130))
    ids = keep(app, *((f"fox {moment}", moment) for moment in times))
    seen, address, pages = [], "/", []
    while address:
        page = browse("GET", address).text
        pages.append(tiles(page))
        seen += tiles(page)
        onward = re.search(r'<a class="more btn" href="([^"]*)" rel="next"', page)
        address = onward.group(1).replace("&amp;", "&") if onward else ""
    assert seen == ids[::-1]
    back = re.search(r'href="([^"]*)" rel="prev"', page)
    assert back
    assert tiles(browse("GET", back.group(1).replace("&amp;", "&")).text) == pages[1]


def link(html: str, rel: str) -> str | None:
    """Return where the link of the pages in a direction leads to."""
    found = re.search(rf'href="([^"]*)" rel="{rel}"', html)
    return found and found.group(1).replace("&amp;", "&")


def test_a_day_is_gone_to_with_what_is_newer_above_it(app: Flask, browse: Browse) -> None:
    days = [NOON - timedelta(days=number) for number in (4, 3, 2, 1)]
    ids = keep(app, *(("a fox", moment) for moment in days))
    page = browse("GET", "/?day=2026-11-17").text
    assert tiles(page) == ids[1::-1]
    newer = link(page, "prev")
    assert newer
    assert "day=" not in newer
    assert tiles(browse("GET", newer).text) == ids[:1:-1]
    assert tiles(browse("GET", "/?day=2026-11-17&q=fox").text) == ids[1::-1]
    script = browse("GET", "/?day=2026-11-17", headers={"X-Fragment": "1"}).text
    assert tiles(script) == ids[1::-1]
    assert 'id="around"' in script


def test_a_day_of_the_oldest_first_has_older_ones_above_it(app: Flask, browse: Browse) -> None:
    ids = keep(app, *(("a fox", NOON - timedelta(days=number)) for number in (2, 1, 0)))
    page = browse("GET", "/?sort=oldest&day=2026-11-19").text
    assert tiles(page) == ids[1:]
    assert tiles(browse("GET", link(page, "prev") or "").text) == ids[:1]


def test_days_beyond_the_first_and_the_last_picture_lead_to_those(
    app: Flask, browse: Browse
) -> None:
    ids = keep(app, ("a fox", NOON), ("a hare", NOON))
    for day in ("2026-11-20", "9998-12-31", ""):
        page = browse("GET", f"/?day={day}").text
        assert tiles(page) == ids[::-1]
        assert link(page, "prev") is None
    page = browse("GET", "/?day=1970-01-01").text
    assert not tiles(page)
    assert tiles(browse("GET", link(page, "prev") or "").text) == ids[::-1]


def test_a_script_gets_the_rows_alone(app: Flask, browse: Browse) -> None:
    keep(app, ("a fox", NOON))
    answer = browse("GET", "/", headers={"X-Fragment": "1"})
    assert len(tiles(answer.text)) == 1
    assert "<html" not in answer.text
    assert {"Cookie", "X-Fragment"} <= {each.strip() for each in answer.headers["Vary"].split(",")}


def test_new_pictures_can_be_asked_for_by_their_ids(app: Flask, browse: Browse) -> None:
    ids = keep(app, ("one", NOON), ("two", NOON))
    assert tiles(browse("GET", f"/tiles?ids={ids[0]},{ids[1]},999,x,-1").text) == ids[::-1]


def test_ids_that_are_none_are_passed_over(browse: Browse) -> None:
    assert browse("GET", f"/tiles?ids={'9' * 5000},٣,²").status_code == 200


@pytest.mark.parametrize("told", ["__init__", "__dict__", "nothing", ""])
def test_an_address_makes_a_page_tell_nothing_but_our_texts(browse: Browse, told: str) -> None:
    assert 'class="told"' not in browse("GET", f"/?told={told}").text


def test_deleted_pictures_are_in_the_trash_alone(app: Flask, browse: Browse) -> None:
    kept, deleted = keep(app, ("kept", NOON), ("deleted", NOON))
    with app.app_context():
        marks.change_image(deleted, marks.delete())
    assert tiles(browse("GET", "/").text) == [kept]
    assert tiles(browse("GET", "/?deleted=only").text) == [deleted]


@pytest.mark.parametrize(
    ("days", "told"), [(None, "until somebody empties it"), (30, "stays 30 days")]
)
def test_the_trash_says_what_it_is_and_how_long_pictures_stay(
    make_app: Callable[..., Flask], days: int | None, told: str
) -> None:
    browse = browser(make_app(trash_days=days))
    page = browse("GET", "/?deleted=only").text
    assert page.count("<h1>Trash</h1>") == page.count("<h1") == 1
    assert told in page
    assert "Empty the trash" not in page
    assert "Empty the trash" in browse("GET", "/?deleted=only", role="admin").text
    # A search there stays there.
    assert '<input type="hidden" name="deleted" value="only">' in page


def test_only_a_search_that_finds_something_can_be_kept(app: Flask, browse: Browse) -> None:
    keep(app, ("a red fox", NOON))
    assert "Keep this search" in browse("GET", "/?q=fox").text
    assert "Keep this search" not in browse("GET", "/?q=badger").text


def test_a_search_is_kept_by_a_name_and_forgotten(app: Flask, browse: Browse) -> None:
    keep(app, ("a red fox", NOON), tag="sea")
    told = browse("POST", "/searches", data={"search": "foxes", "q": "fox", "tag": "sea"})
    assert told.status_code == 303
    page = browse("GET", told.location).text
    assert "The search is kept." in page
    assert "Forget the search foxes" in page
    assert len(tiles(page)) == 1
    browse("POST", "/searches/delete", data={"name": "foxes"})
    assert "foxes" not in browse("GET", "/").text


def test_a_name_that_means_another_search_is_not_taken_from_it(browse: Browse) -> None:
    assert browse("POST", "/searches", data={"search": "W", "q": "whale"}).status_code == 303
    assert browse("POST", "/searches", data={"search": "W", "q": "fox"}).status_code == 409
    assert browse("POST", "/searches", data={"search": "W", "q": "whale"}).status_code == 303
    assert browse("GET", "/api/searches/W").json["query"] == {"q": ["whale"]}


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "\u202e"])
def test_a_search_without_a_name_is_refused(browse: Browse, name: str) -> None:
    assert browse("POST", "/searches", data={"search": name, "q": "fox"}).status_code == 422


def test_kept_searches_of_the_api_lead_to_what_they_mean(app: Flask, browse: Browse) -> None:
    keep(app, ("a red fox", NOON), ("a fox", NOON - timedelta(days=9)))
    query = {"q": "fox", "since": "2026-11-19T00:00:00Z", "until": "2026-11-21"}
    assert browse("PUT", "/api/searches/week", json={"query": query}).status_code == 201
    page = browse("GET", "/").text
    address = re.search(r'<a class="chip" href="([^"]*)"[^>]*>.*<bdi>week</bdi>', page)
    assert address
    assert len(tiles(browse("GET", address.group(1).replace("&amp;", "&")).text)) == 1


def test_a_tile_reserves_the_room_of_its_picture(app: Flask, browse: Browse) -> None:
    keep(app, ("a fox", NOON))
    page = browse("GET", "/").text
    assert re.search(r'<li class="tile ar\d+"', page)
    assert re.search(r'srcset="[^"]*size=320 \d+w, [^"]*size=640 \d+w"', page)
    address = re.search(r'<img src="([^"]*)"', page)
    assert address
    thumbnail = browse("GET", address.group(1).replace("&amp;", "&"))
    assert thumbnail.mimetype == "image/webp"
    assert "immutable" in thumbnail.headers["Cache-Control"]
