"""/templates: the list, the form, what it comes to, versions, and what others write there."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from app.models.prompt_manager import PromptManager
from app.services.templates import save_template, template_versions
from tests.models.samples import generation, kept_image
from tests.web.conftest import Browse

HOSTILE = "{user_input} <script>alert(1)</script> javascript:alert(1) \u202egnp.exe \N{FOX FACE}"
FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def oil(app: Flask) -> None:
    """A template in two versions."""
    with app.app_context():
        save_template("oil", "{user_input} in oil")
        save_template("oil", "{user_input} in oil on {ground}")


def words(html: str) -> str:
    """Return the text of the first paragraph of words, as one reads it."""
    found = re.search(r'<p class="template-words[^>]*>(.*?)</p>', html, re.DOTALL)
    assert found
    return unescape(re.sub("<[^>]+>", "", found[1]))


def test_the_list_tells_of_each_template_what_it_is_and_came_to(
    oil: None, app: Flask, browse: Browse
) -> None:
    with app.app_context():
        image = kept_image(generation_id=generation(template="oil").id, ordinal=0)
        picture = f"/images/{image.id}", f"/api/images/{image.id}/thumbnail?size=320"
    shown = browse("GET", "/templates").text
    assert "Version 2" in shown
    assert "Used once" in shown
    assert words(shown) == "{user_input} in oil on {ground}"
    assert all(address in shown for address in picture)
    assert 'href="/?template=oil"' in shown


def test_without_templates_the_list_says_what_they_are_for(browse: Browse) -> None:
    assert "No templates yet" in browse("GET", "/templates").text


def test_a_template_is_made_changed_and_deleted(app: Flask, browse: Browse) -> None:
    made = browse("POST", "/templates", data={"name": " ink ", "text": "{user_input}\r\nin ink"})
    assert (made.status_code, made.location) == (303, "/templates/ink?told=created")
    assert "The template is kept." in browse("GET", made.location).text
    newer = {"text": "{user_input} in red ink", "version": "1"}
    assert browse("POST", "/templates/ink", data=newer).location == "/templates/ink?told=changed"
    with app.app_context():
        kept = [each.text for each in template_versions("ink")]
    assert kept == ["{user_input} in red ink", "{user_input}\nin ink"]
    assert "All 2 versions go for good" in browse("GET", "/templates/ink/delete").text
    assert browse("POST", "/templates/ink/delete").location == "/templates?told=deleted"
    assert browse("GET", "/templates/ink").status_code == 404


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("my oil", "{user_input}", "letters, digits, dots, dashes or underscores"),
        ("<b>", "{user_input}", "letters, digits, dots, dashes or underscores"),
        ("", "{user_input}", "letters, digits, dots, dashes or underscores"),
        ("ink", "in ink", "needs {user_input} somewhere"),
        ("ink", "{user_input} {a-b}", "Character 14 of the template begins no variable"),
        ("ink", "", "needs {user_input} somewhere"),
    ],
)
def test_what_does_not_fit_comes_back_with_the_form_and_is_not_kept(
    app: Flask, browse: Browse, name: str, text: str, told: str
) -> None:
    answer = browse("POST", "/templates", data={"name": name, "text": text})
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert f">\n{text}</textarea>" in unescape(answer.text)
    assert "<b>" not in answer.text
    with app.app_context():
        assert PromptManager().list_templates() == []


def test_a_name_that_is_taken_is_told_and_makes_no_version(oil: None, browse: Browse) -> None:
    answer = browse("POST", "/templates", data={"name": "oil", "text": "{user_input}!"})
    assert answer.status_code == 409
    assert "There is a template of that name already" in answer.text


def test_what_another_saved_meanwhile_is_not_passed_over(
    oil: None, app: Flask, browse: Browse
) -> None:
    late = {"text": "{user_input}, late", "version": "1"}
    answer = browse("POST", "/templates/oil", data=late)
    assert answer.status_code == 409
    assert "Somebody has saved a newer version" in answer.text
    assert "{user_input}, late</textarea>" in answer.text
    with app.app_context():
        assert len(template_versions("oil")) == 2


def test_an_older_version_can_be_edited_from(oil: None, browse: Browse) -> None:
    shown = browse("GET", "/templates/oil?version=1").text
    assert ">\n{user_input} in oil</textarea>" in shown
    assert "The form holds version 1" in shown
    assert '<input type="hidden" name="version" value="2">' in shown


# What it comes to


def test_a_preview_fills_the_words_in_and_names_what_is_missing(browse: Browse) -> None:
    form = {
        "text": "{user_input} on {ground}, {{{light}}}",
        "user_input": "a <b>fox</b>",
        "variable.ground": "{user_input}",
        "variable.gone": "nobody asks for it",
    }
    answer = browse("POST", "/templates/-/preview", data=form, headers=FRAGMENT, role="viewer")
    assert words(answer.text) == "a <b>fox</b> on {user_input}, {{light}}"
    assert 'title="ground">{user_input}</mark>' in answer.text
    assert "Not filled in yet: light" in answer.text
    assert 'data-names="ground light"' in answer.text
    assert "<b>" not in answer.text
    assert "<html" not in answer.text


def test_a_preview_tells_what_is_wrong(browse: Browse) -> None:
    form = {"text": "{user_input} {", "user_input": "a fox"}
    answer = browse("POST", "/templates/-/preview", data=form, headers=FRAGMENT)
    assert answer.status_code == 200
    assert "Character 14 of the template begins no variable" in answer.text


def test_without_a_script_the_preview_is_the_form_again_and_keeps_nothing(
    oil: None, app: Flask, browse: Browse
) -> None:
    form = {"name": "oil", "version": "2", "text": "{user_input} on {wood}", "variable.wood": "oak"}
    shown = browse("POST", "/templates/-/preview", data={**form, "user_input": "An owl"}).text
    assert "An owl on oak" in re.sub("<[^>]+>", "", shown)
    assert 'action="/templates/oil"' in shown
    assert 'name="variable.wood" value="oak"' in shown
    with app.app_context():
        assert len(template_versions("oil")) == 2


# Who may, and what others write


def test_a_viewer_reads_and_finds_nothing_to_change(oil: None, browse: Browse) -> None:
    listed = browse("GET", "/templates", role="viewer").text
    shown = browse("GET", "/templates/oil", role="viewer").text
    assert words(shown) == "{user_input} in oil on {ground}"
    for html in (listed, shown):
        assert "<form" not in html
        assert "/-/new" not in html
        assert "/delete" not in html
        assert "?template=" not in html


def test_hostile_words_are_shown_as_text_everywhere(app: Flask, browse: Browse) -> None:
    with app.app_context():
        save_template("hostile", HOSTILE)
        save_template("hostile", HOSTILE + "!")
    for path in ("/templates", "/templates/hostile", "/templates/hostile?version=1"):
        shown = browse("GET", path).text
        assert HOSTILE.removeprefix("{user_input}") in words(shown)
        assert "<script>alert" not in shown


def test_a_template_may_be_called_like_our_pages(browse: Browse) -> None:
    for name in ("new", "preview", "delete"):
        browse("POST", "/templates", data={"name": name, "text": "{user_input}"})
        assert f"<h1>{name}</h1>" in browse("GET", f"/templates/{name}").text
