"""Pictures beside each other, as a page."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.models.samples import deleted_image, generation, kept_image
from tests.web.conftest import Browse


def test_words_that_differ_are_marked_against_the_first(browse: Browse, context: Flask) -> None:
    first, second = kept_image("a <b>red</b> fox").id, kept_image("a blue fox").id
    page = browse("GET", f"/compare?ids={first},{second}").text
    assert page.count("<del>") == page.count("<ins>") == 2  # once in the legend
    assert ">blue <" in page
    assert "&lt;b&gt;red" in page
    assert "<b>red" not in page


def test_settings_that_differ_are_marked_and_told_as_text(browse: Browse, context: Flask) -> None:
    asked = generation(template="oil", template_version=2, variables={"paper": "rough"})
    first = kept_image(model="sketch-1", seed=7, latency_ms=1200, parents=()).id
    second = kept_image(
        model="sketch-1", seed=8, generation_id=asked.id, ordinal=0, parents=(first,)
    ).id
    page = browse("GET", f"/compare?ids={first},{second}").text
    rows = [each.split("</tr>")[0] for each in page.split("<tr")[2:]]
    differing = {
        each.split('<th scope="row">')[1].split(" <")[0] for each in rows if "differs" in each
    }
    assert differing == {"Seed", "Template", "Variables", "Made from", "Took"}
    assert "oil, version 2" in page
    assert "None" not in page


def test_settings_that_are_alike_are_said_to_be(browse: Browse, context: Flask) -> None:
    ids = ",".join(str(kept_image().id) for _ in range(4))
    assert "All settings are alike." in browse("GET", f"/compare?ids={ids}").text


def test_a_form_without_scripts_may_name_them_one_by_one(browse: Browse, context: Flask) -> None:
    first, second = kept_image().id, deleted_image().id
    page = browse("GET", f"/compare?ids={first}&ids={second}", role="viewer")
    assert page.status_code == 200
    assert f'href="/images/{second}"' in page.text


@pytest.mark.parametrize(
    ("ids", "status", "said"),
    [
        ("", 422, "2 to 4 pictures"),
        ("1", 422, "2 to 4 pictures"),
        ("1,2,3,4,5", 422, "2 to 4 pictures"),
        ("1,<script>", 422, "by their numbers"),
        ("1,99", 404, "no image 1, 99"),
        (f"1,{2**63}", 404, "no image 1, "),
    ],
)
def test_what_cannot_be_compared_is_a_page_that_says_why(
    browse: Browse, ids: str, status: int, said: str
) -> None:
    answer = browse("GET", "/compare", query_string={"ids": ids})
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert said in answer.text
