"""/generate: a form that asks for pictures, also without a script, and loses nothing."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Batch, Generation, Image, Source
from app.models.generation import new_id
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.templates import save_template
from tests.conftest import key_of_each
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import picture
from tests.web.conftest import OURS, Browse, browser, logged_in

FRAGMENT = {"X-Fragment": "1"}
HOSTILE = "</textarea><script>alert(1)</script> \u202eevil\u202c javascript:alert(1) 🦊"


def recorded(app: Flask) -> list[Generation]:
    """Return all generations, the first one first."""
    with app.app_context():
        return list(db.session.scalars(select(Generation).order_by(Generation.id)))


def ask(browse: Browse, prompt: str = "A fox", **fields: Any) -> Any:
    """Send the form, as a browser without a script does."""
    return browse("POST", "/generate", data={"prompt": prompt, **fields})


def selected(page: str, name: str) -> str | None:
    """Return what is chosen in the select of that name."""
    [select_] = re.findall(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    found = re.search(r"<option([^>]*)selected[^>]*>([^<]*)<", select_)
    return found and (re.search(r'value="([^"]*)"', found[1]) or [found[2], found[2]])[1]


def value(page: str, name: str) -> str:
    """Return what the input of that name holds."""
    page = re.sub("<template.*?</template>", "", page, flags=re.DOTALL)
    [field] = re.findall(rf'<input [^>]*name="{re.escape(name)}"[^>]*>', page)
    found = re.search(r'value="([^"]*)"', field)
    return unescape(found[1]) if found else ""


def prompt_in(page: str) -> str:
    """Return what the prompt's field holds."""
    [text] = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return unescape(text)


def test_the_form_asks_for_pictures_and_goes_back_to_the_gallery(
    app: Flask, browse: Browse
) -> None:
    answer = ask(browse, n="2", aspect_ratio="16:9", size="512", seed="7", project="zoo")
    assert (answer.status_code, answer.location) == (303, "/#queue")
    [row] = recorded(app)
    assert (row.prompt, row.n, row.aspect_ratio, row.size) == ("A fox", 2, "16:9", "512")
    assert (row.seed, row.project) == (7, "zoo")
    assert row.api_key
    assert row.api_key.name == "the creator"


def test_what_is_left_blank_is_left_to_the_defaults(app: Flask, browse: Browse) -> None:
    blank = ("n", "model", "aspect_ratio", "size", "seed", "template", "project")
    assert ask(browse, **dict.fromkeys(blank, "")).status_code == 303
    [row] = recorded(app)
    assert (row.n, row.aspect_ratio, row.seed, row.project) == (1, "1:1", None, None)


def test_a_form_that_is_sent_twice_asks_once(app: Flask, browse: Browse) -> None:
    for _ in range(2):
        file = (io.BytesIO(picture()), "mine.png")
        assert ask(browse, once="abc", file=file).status_code == 303
    assert len(recorded(app)) == 1
    assert ask(browse, "A hare", once="abc").status_code == 303, "mended, and so another request"
    assert ask(browse, once="def").status_code == 303
    assert [row.prompt for row in recorded(app)] == ["A fox", "A hare", "A fox"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"prompt": " "}, "prompt"),
        ({"n": "0"}, "n"),
        ({"n": "many"}, "n"),
        ({"n": "1000"}, "n"),
        ({"seed": "-1"}, "seed"),
        ({"seed": "9" * 400}, "seed"),
        ({"aspect_ratio": "17:3"}, "aspect_ratio"),
        ({"size": "9K"}, "size"),
        ({"model": "gemini-3-pro-image"}, "model"),
        ({"project": "a\nb"}, "project"),
        ({"input_images": ["1", "1"]}, "input_images"),
        ({"template": "oil"}, "variables"),
        ({"template": "oil", "variables.mood": " "}, "variables"),
        ({"many": "1", "prompt": "\n \n"}, "prompt"),
        ({"many": "1", "prompt": "A fox\n" + "x" * 30_000}, "prompt"),
    ],
)
@ON_SQLITE
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(
    app: Flask, browse: Browse, fields: dict[str, Any], at: str
) -> None:
    with app.app_context():
        save_template("oil", "{user_input} in {mood} oil")
        kept_image()
    fields = {"prompt": "A fox & <a hare>", **fields}
    answer = browse("POST", "/generate", data=fields)
    assert answer.status_code == 422
    told = rf'data-problem="{at}">[^<]+</p>'
    assert re.search(told, answer.text), at
    assert prompt_in(answer.text) == fields["prompt"]
    assert recorded(app) == []
    by_script = browse("POST", "/generate", data=fields, headers={**FRAGMENT, "Accept": "*/*"})
    assert by_script.status_code == 422
    assert by_script.json["errors"][0]["message"]


def test_what_is_about_no_field_is_told_above_all(browse: Browse) -> None:
    answer = ask(browse, input_images="99")
    assert answer.status_code == 422
    assert 'role="alert" data-problem="">There is no image 99' in answer.text


def test_pictures_that_come_with_the_form_are_kept_and_worked_from(
    app: Flask, browse: Browse
) -> None:
    with app.app_context():
        first = kept_image("A hare").id
    answer = ask(browse, input_images=str(first), file=(io.BytesIO(picture()), "mine.png"))
    assert answer.status_code == 303
    [row] = recorded(app)
    with app.app_context():
        [upload] = db.session.scalars(select(Image.id).where(Image.source == "upload"))
    assert row.input_images == [first, upload]


def test_a_file_that_is_no_picture_is_told_and_nothing_is_kept(app: Flask, browse: Browse) -> None:
    answer = ask(browse, file=(io.BytesIO(b"<svg/>"), "mine.svg"))
    assert answer.status_code == 422
    assert re.search(r'data-problem="input_images">[^<]+</p>', answer.text)
    assert prompt_in(answer.text) == "A fox"
    assert recorded(app) == []


def test_pictures_that_were_sent_stay_when_the_rest_cannot_be_asked_for(
    make_app: Any, browse: Browse
) -> None:
    answer = ask(browse, seed="-1", file=(io.BytesIO(picture()), "mine.png"))
    assert answer.status_code == 422
    assert "Choose your files again" in answer.text
    with make_app().app_context():
        assert db.session.scalars(select(Image.id)).all() == [], "checked before they are kept"


def test_pictures_that_were_kept_before_all_was_refused_are_chosen_and_the_page_says_so(
    make_app: Any,
) -> None:
    app = make_app(gemini_api_key="x", daily_budget=0)
    answer = ask(browser(app), file=(io.BytesIO(picture()), "mine.png"))
    assert answer.status_code == 422
    with app.app_context():
        [upload] = db.session.scalars(select(Image.id))
    assert "Your picture is kept in the history" in answer.text
    assert value(answer.text, "input_images") == str(upload)
    assert "Choose your files again" not in answer.text


@ON_SQLITE
def test_the_cost_of_what_was_filled_in_is_counted_without_a_script(make_app: Any) -> None:
    app = make_app(gemini_api_key="x")
    browse = browser(app)

    def cost(page: str) -> float:
        found = re.search(r'<output class="cost"[^>]*>\s*about \$([0-9.]+)', page)
        assert found, page
        return float(found[1])

    one = cost(browse("GET", "/generate").text)
    answer = ask(browse, "A fox\nA hare", many="1", n="3", show="cost")
    assert answer.status_code == 200
    assert cost(answer.text) == pytest.approx(6 * one, abs=0.01)
    assert prompt_in(answer.text) == "A fox\nA hare"
    assert recorded(app) == []


def test_the_fields_of_a_template_appear_without_a_script(app: Flask, browse: Browse) -> None:
    with app.app_context():
        save_template("oil", "{user_input} in {mood} oil")
        save_template("plain", "{user_input}")
    shown = ask(browse, "A fox", template="oil", show="template", n="3")
    assert shown.status_code == 200
    assert (prompt_in(shown.text), selected(shown.text, "n")) == ("A fox", "3")
    assert value(shown.text, "variables.mood") == ""
    assert recorded(app) == []
    fields = {"variables.mood": "blue", "variables.of_another_one": "x"}
    assert ask(browse, template="oil", **fields).status_code == 303
    [row] = recorded(app)
    assert row.final_prompt == "A fox in blue oil"
    by_address = browse("GET", "/generate?template=oil").text
    assert (selected(by_address, "template"), value(by_address, "variables.mood")) == ("oil", "")


def test_each_line_can_be_a_prompt_of_its_own(app: Flask, browse: Browse) -> None:
    for _ in range(2):
        lines = "A fox\r\n\r\n A hare \r\n"
        assert ask(browse, lines, many="1", seed="3", project="zoo", once="abc").status_code == 303
    assert [row.prompt for row in recorded(app)] == ["A fox", "A hare"]
    with app.app_context():
        [batch] = db.session.scalars(select(Batch))
        assert (batch.total, batch.project) == (2, "zoo")


def test_the_project_is_remembered_on_the_device(browse: Browse) -> None:
    ask(browse, project="Zoologischer Garten, größer 🦊")
    assert value(browse("GET", "/generate").text, "project") == "Zoologischer Garten, größer 🦊"
    ask(browse, project="")
    assert value(browse("GET", "/generate").text, "project") == ""


def test_an_address_fills_in_what_was_asked_for_before(app: Flask, browse: Browse) -> None:
    with app.app_context():
        save_template("oil", "{user_input} in {mood} oil")
        asked = GenerationRequest(
            HOSTILE, template="oil", variables={"mood": '"><b>'}, n=2, aspect_ratio="16:9", seed=7
        )
        made = ImageGeneratorService().generate(asked)
        image, made_id = made.images[0].id, made.id
    for address in (f"reuse={image}", f"again={made_id}"):
        page = browse("GET", f"/generate?{address}").text
        assert prompt_in(page) == HOSTILE
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert value(page, "variables.mood") == '"><b>'
        assert (selected(page, "aspect_ratio"), selected(page, "n")) == ("16:9", "2")
        assert value(page, "seed") == "7"
    remixed = browse("GET", f"/generate?remix={image}").text
    assert (prompt_in(remixed), value(remixed, "input_images")) == ("", str(image))


@ON_SQLITE
@pytest.mark.parametrize(
    "address", ["reuse=99", "reuse=x", "remix=0", "again=x", "again=%00", f"reuse={'9' * 5000}"]
)
def test_an_address_that_means_nothing_says_so(browse: Browse, address: str) -> None:
    answer = browse("GET", f"/generate?{address}")
    assert answer.status_code == 200
    assert re.search(r'role="alert" data-problem="">There is no', answer.text)


def test_the_cost_and_what_is_left_are_told(make_app: Any) -> None:
    app = make_app(gemini_api_key="x", daily_budget=1, monthly_budget="2.5")
    browse = browser(app)

    def cost(**asked: Any) -> str:
        text = browse("GET", "/generate/cost", query_string=asked, headers=FRAGMENT).text
        return " ".join(re.sub("<[^>]*>", "", text).split())

    one = re.fullmatch(r"about \$([0-9.]+) · \$1.00 left today", cost(n=1))
    assert one
    two = re.match(r"about \$([0-9.]+)", cost(n=2))
    assert two
    assert float(two[1]) == pytest.approx(2 * float(one[1]))
    assert "more than the $1.00 left" in cost(n=10, prompts=900)
    assert cost(n="x", prompts=-3, references="y", size="?") == cost(n=1)


@ON_SQLITE
def test_a_sketch_is_free(browse: Browse) -> None:
    assert browse("GET", "/generate/cost", headers=FRAGMENT).text.strip() == "free"


@ON_SQLITE
def test_over_the_budget_nothing_is_asked_for_and_all_stays(make_app: Any) -> None:
    app = make_app(gemini_api_key="x", daily_budget=0)
    answer = ask(browser(app))
    assert answer.status_code == 422
    assert "budget" in answer.text
    assert prompt_in(answer.text) == "A fox"
    assert recorded(app) == []


@ON_SQLITE
def test_viewers_have_no_composer(app: Flask, browse: Browse) -> None:
    for method, path in (("GET", "/generate"), ("POST", "/generate"), ("GET", "/generate/cost")):
        assert browse(method, path, role="viewer", data={"prompt": "x"}).status_code == 403
    assert recorded(app) == []


@ON_SQLITE
def test_another_sites_page_asks_for_nothing(app: Flask, browse: Browse) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert browse("POST", "/generate", data={"prompt": "x"}, headers=foreign).status_code == 403
    assert recorded(app) == []


@ON_SQLITE
def test_words_that_were_erased_are_not_filled_in(app: Flask, browse: Browse) -> None:
    with app.app_context():
        row = generation(id=new_id(utc_now()), prompt="(forgotten)", status="failed")
        again = row.id
    assert prompt_in(browse("GET", f"/generate?again={again}").text) == ""


def test_a_form_with_a_file_that_is_pressed_many_times_at_once_keeps_it_once(app: Flask) -> None:
    key = key_of_each(app)["creator"]
    windows = [logged_in(app, key) for _ in range(4)]
    together = Barrier(len(windows))

    def press(window: FlaskClient) -> int:
        data = {"prompt": "A fox", "once": "abc", "file": (io.BytesIO(picture()), "mine.png")}
        together.wait()
        return window.post("/generate", data=data, headers=OURS).status_code

    with ThreadPoolExecutor(len(windows)) as pool:
        assert set(pool.map(press, windows)) == {303}
    [row] = recorded(app)
    with app.app_context():
        # What is drawn of it may be there already.
        kept = select(Image.id).filter_by(source=Source.UPLOAD)
        assert row.input_images == list(db.session.scalars(kept))
