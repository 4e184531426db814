"""The page of one picture, as it is without scripts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.models.samples import deleted_image, generation, kept_image
from tests.web.conftest import Browse, browser

HOSTILE = "</p><script>alert(1)</script>\" onload='x' javascript:x \u202eevil"


@pytest.fixture
def images(context: Flask) -> list[int]:
    """The ids of three pictures, the oldest first."""
    return [kept_image(f"A fox, number {number}").id for number in range(3)]


def links(page: str, part: str) -> list[str]:
    """Return where the parts of a name lead."""
    tags = re.findall(rf'<a [^>]*data-part="{part}"[^>]*>', page)
    return [unescape(re.findall('href="([^"]*)"', tag)[0]) for tag in tags]


def test_a_picture_has_a_page_with_its_words_and_the_ways_on(
    browse: Browse, images: list[int]
) -> None:
    page = browse("GET", f"/images/{images[1]}").text
    assert "A fox, number 1</p>" in page
    assert links(page, "before") == [f"/images/{images[2]}"]
    assert links(page, "after") == [f"/images/{images[0]}"]
    assert links(page, "close") == [f"/#image-{images[1]}"]
    assert f"reuse={images[1]}" in links(page, "reuse")[0]
    assert f"remix={images[1]}" in links(page, "remix")[0]


def test_the_ways_on_stay_in_the_filter(browse: Browse, context: Flask) -> None:
    first, _, third = (kept_image(project=name).id for name in ("a&b", None, "a&b"))
    page = browse("GET", f"/images/{first}?project=a%26b").text
    assert links(page, "before") == [f"/images/{third}?project=a%26b"]
    assert links(page, "after") == []
    assert links(page, "close") == [f"/?project=a%26b#image-{first}"]
    assert f'action="/images/{first}/delete?project=a%26b"' in page


def test_oldest_first_the_ways_are_turned_round(browse: Browse, images: list[int]) -> None:
    page = browse("GET", f"/images/{images[1]}?sort=oldest").text
    assert links(page, "before") == [f"/images/{images[0]}?sort=oldest"]


def test_closing_leads_to_the_page_of_the_gallery_that_shows_it(
    browse: Browse, context: Flask
) -> None:
    ids = [kept_image().id for _ in range(61)]
    [back] = links(browse("GET", f"/images/{ids[0]}").text, "close")
    assert "cursor=" in back
    assert f'id="image-{ids[0]}"' in browse("GET", back).text


def test_a_script_gets_the_part_that_its_dialog_shows(browse: Browse, images: list[int]) -> None:
    part = browse("GET", f"/images/{images[0]}", headers={"X-Fragment": "1"}).text
    assert part.startswith("<article")
    assert "<html" not in part


def test_all_that_is_known_is_told(browse: Browse, context: Flask) -> None:
    asked = generation(
        prompt="fox", template="oil", template_version=3, variables={"paper": "rough <b>"}
    )
    parent = kept_image("a bear").id
    kept = kept_image(
        "fox in oil",
        generation_id=asked.id,
        ordinal=0,
        batch_id="0" * 26,
        parents=(parent,),
        provider="sketch",
        model="sketch-1",
        seed=41,
        size="1K",
        aspect_ratio="16:9",
        cost_microusd=39_000,
        latency_ms=2_300,
        usage={"total_tokens": 1_128},
        project="acme",
        note="for\nthe cover",
        tags=("sea", "dusk"),
    )
    page = unescape(browse("GET", f"/images/{kept.id}").text)
    told = [
        *("fox in oil</p>", "fox</p>", "sketch-1", "48 × 32 pixels", "16:9", "1K", ">41<"),
        *("oil, version 3", "paper", "2.3 s", ">1,128<", "$0.039", asked.id, "0" * 26, "acme"),
        *(kept.sha256, "image/png", "for\nthe cover", 'value="sea" checked', f"/images/{parent}"),
        *("PROOFSHEET_KEY", "http://localhost/api/generations", "import urllib.request"),
    ]
    assert [each for each in told if each not in page] == []
    assert f"/images/{kept.id}" in browse("GET", f"/images/{parent}").text


def test_what_is_not_known_is_not_made_up(browse: Browse, context: Flask) -> None:
    page = browse("GET", f"/images/{kept_image(source='upload').id}").text
    assert "unpriced" in page
    assert "None" not in page
    assert "As a curl command" not in page


def test_whatever_people_write_is_shown_as_text(browse: Browse, context: Flask) -> None:
    tag = "<img src=x onerror=x>"
    asked = generation(prompt=HOSTILE, template="oil", variables={"x": HOSTILE})
    kept = kept_image(
        HOSTILE + " sent",
        generation_id=asked.id,
        ordinal=0,
        note=HOSTILE,
        tags=(tag,),
        project=tag,
        provider="sketch",
        model="sketch-1",
    )
    for role in ("viewer", "creator"):
        page = browse("GET", f"/images/{kept.id}", role=role).text
        assert "<script>alert" not in page
        assert tag not in page
        assert HOSTILE.replace("'", "&#39;") not in page
        assert HOSTILE in unescape(page)


def test_the_star_goes_on_and_off(browse: Browse, images: list[int]) -> None:
    for wanted in ("true", "false"):
        answer = browse("POST", f"/images/{images[0]}/favourite", data={"favourite": wanted})
        assert (answer.status_code, answer.location) == (303, f"/images/{images[0]}")
        shown = browse("GET", f"/api/images/{images[0]}").json["favourite"]
        assert shown is (wanted == "true")


def test_marks_are_kept_as_the_form_says(browse: Browse, images: list[int]) -> None:
    form = {"tag": ["sea", " ", "dusk, late"], "note": "one\r\ntwo", "project": " acme "}
    answer = browse("POST", f"/images/{images[0]}/marks?q=fox", data=form)
    assert answer.location == f"/images/{images[0]}?q=fox&told=saved"
    kept = browse("GET", f"/api/images/{images[0]}").json
    assert kept["tags"] == ["dusk, late", "sea"]
    assert (kept["note"], kept["project"]) == ("one\ntwo", "acme")
    browse("POST", f"/images/{images[0]}/marks", data={"note": "", "project": ""})
    kept = browse("GET", f"/api/images/{images[0]}").json
    assert (kept["tags"], kept["note"], kept["project"]) == (["dusk, late", "sea"], None, None)
    browse("POST", f"/images/{images[0]}/marks", data={"tag": ""})
    assert browse("GET", f"/api/images/{images[0]}").json["tags"] == []


def test_what_cannot_be_kept_is_said_and_nothing_changes(browse: Browse, images: list[int]) -> None:
    answer = browse("POST", f"/images/{images[0]}/marks", data={"tag": "x" * 65, "note": "new"})
    assert ">\nnew</textarea>" in answer.text
    assert f'value="{"x" * 65}"' in answer.text
    assert answer.status_code == 422
    assert "A tag is 1 to 64 printable characters." in answer.text
    assert browse("GET", f"/api/images/{images[0]}").json["note"] is None


def test_what_somebody_changed_meanwhile_is_not_overwritten(
    browse: Browse, images: list[int]
) -> None:
    path = f"/images/{images[0]}"
    [shown] = re.findall('name="revision" value="([^"]*)"', browse("GET", path).text)
    browse("PATCH", f"/api{path}", json={"note": "a colleague's", "tags": ["theirs"]})
    form = {"revision": shown, "tag": ["mine"], "note": "my own", "project": "acme"}
    answer = browse("POST", f"{path}/marks", data=form)
    assert answer.status_code == 412
    page = unescape(answer.text)
    told = ("Nothing was saved", ">\nmy own<", ">a colleague's<", 'value="mine"', 'value="acme"')
    assert [each for each in (*told, 'value="theirs" checked') if each not in page] == []
    assert browse("GET", f"/api{path}").json["note"] == "a colleague's"
    [now] = re.findall('name="revision" value="([^"]*)"', page)
    assert browse("POST", f"{path}/marks", data={**form, "revision": now}).status_code == 303
    assert browse("GET", f"/api{path}").json["note"] == "my own"


def test_deleting_goes_on_to_the_next_with_an_undo(browse: Browse, images: list[int]) -> None:
    answer = browse("POST", f"/images/{images[1]}/delete?q=fox")
    assert answer.location == f"/images/{images[0]}?q=fox&told=deleted&undo={images[1]}"
    page = browse("GET", answer.location).text
    assert f'action="/images/{images[1]}/restore?q=fox"' in page
    answer = browse("POST", f"/images/{images[1]}/restore?q=fox")
    assert answer.location == f"/images/{images[1]}?q=fox&told=restored"
    assert browse("GET", f"/api/images/{images[1]}").json["deleted_at"] is None


def test_deleting_the_last_one_goes_back_to_the_one_before(
    browse: Browse, images: list[int]
) -> None:
    assert browse("POST", f"/images/{images[0]}/delete").location.startswith(
        f"/images/{images[1]}?"
    )


def test_deleting_the_only_one_goes_back_to_the_gallery(browse: Browse, context: Flask) -> None:
    only = kept_image().id
    answer = browse("POST", f"/images/{only}/delete?q=fox")
    assert answer.location == f"/?q=fox&told=deleted&undo={only}"


def test_a_deleted_picture_shows_as_such_and_can_be_restored(
    browse: Browse, context: Flask
) -> None:
    gone = deleted_image().id
    page = browse("GET", f"/images/{gone}").text
    assert "was deleted on" in page
    assert f'action="/images/{gone}/restore"' in page
    assert f'action="/images/{gone}/delete"' not in page


def test_who_only_reads_sees_no_way_to_change_anything(
    browse: Browse, images: list[int], context: Flask
) -> None:
    for image_id in (images[0], deleted_image().id):
        path = f"/images/{image_id}?told=deleted&undo=1"
        page = browse("GET", path, role="viewer", headers={"X-Fragment": "1"}).text
        assert "<form" not in page
        assert "remix=" not in page


@pytest.mark.parametrize("image_id", [7, 2**63, 10**30])
def test_a_picture_that_is_not_there_is_a_page_that_helps(browse: Browse, image_id: int) -> None:
    answer = browse("GET", f"/images/{image_id}")
    assert answer.status_code == 404
    assert f"There is no picture {image_id}" in answer.text
    assert 'href="/?deleted=only"' in answer.text


@pytest.mark.parametrize(
    "query", ["undo=x&told=deleted", "told=<b>", "told=deleted&undo=-1", "told=deleted"]
)
def test_an_address_that_somebody_made_up_tells_nothing_wrong(
    browse: Browse, images: list[int], query: str
) -> None:
    answer = browse("GET", f"/images/{images[0]}?{query}")
    assert answer.status_code == 200
    assert 'class="told"' not in answer.text


def test_the_programs_name_the_public_address(make_app: Any) -> None:
    app = make_app(public_url="https://pictures.example.org")
    with app.app_context():
        kept = kept_image(provider="sketch", model="sketch-1").id
    page = browser(app)("GET", f"/images/{kept}").text
    assert "https://pictures.example.org/api/generations" in page
