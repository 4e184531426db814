"""/selection: what is done with chosen pictures without scripts."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Image
from app.models.image_filter import ImageFilter
from app.models.matching import matching_ids
from tests.models.samples import ON_SQLITE, kept_image
from tests.web.conftest import Browse


@pytest.fixture
def ids(app: Flask) -> list[int]:
    """Three pictures."""
    with app.app_context():
        return [kept_image(each).id for each in ("A fox", "A hare", "An owl")]


def act(
    browse: Browse, action: str, ids: list[int], role: str = "creator", **more: Any
) -> TestResponse:
    """Press a button of the bar."""
    return browse("POST", "/selection", role=role, data={"action": action, "ids": ids, **more})


def found(app: Flask, **wanted: Any) -> list[int]:
    with app.app_context():
        return list(matching_ids(ImageFilter(**wanted)))


def test_the_gallery_has_a_bar_for_those_who_may_choose(browse: Browse, ids: list[int]) -> None:
    assert browse("GET", "/").text.count('form="selection"') == 3
    assert 'id="selection"' in browse("GET", "/").text


def test_a_viewer_chooses_to_export_and_compare_alone(
    browse: Browse, app: Flask, ids: list[int]
) -> None:
    page = browse("GET", "/", role="viewer").text
    assert page.count('form="selection"') == 3
    assert re.findall('name="action" value="([a-z]+)"', page) == ["compare", "export"]
    assert act(browse, "export", ids, role="viewer").mimetype == "application/zip"
    assert act(browse, "compare", ids, role="viewer").location.startswith("/compare?ids=")
    for action in ("favourite", "tag", "project", "words", "share", "delete", "restore", "eat"):
        given = {"tags": "sea", "project": "acme"}
        assert act(browse, action, ids, role="viewer", **given).status_code == 403, action
    assert found(app, favourite=False) == ids
    act(browse, "delete", ids[:1])
    trash = browse("GET", "/?deleted=only", role="viewer").text
    assert "selection" not in trash
    assert trash.count('<li class="tile') == 1


def test_marks_are_put_on_all_that_were_chosen(browse: Browse, app: Flask, ids: list[int]) -> None:
    assert act(browse, "favourite", ids[:2], next="/?q=a&told=old").location == (
        "/?q=a&told=favourite_some"
    )
    assert found(app, favourite=True) == ids[:2]
    act(browse, "unfavourite", ids[:1])
    act(browse, "tag", ids[1:], tags=" sea, dusk,")
    act(browse, "untag", ids[2:], tags="Sea")
    act(browse, "project", ids, project="acme")
    act(browse, "project", ids[:1], project=" ")
    assert found(app, favourite=True) == ids[1:2]
    assert found(app, tags=("dusk", "sea")) == ids[1:2]
    assert found(app, tags=("dusk",)) == ids[1:]
    assert found(app, project="acme") == ids[1:]


def test_enter_in_a_field_does_what_the_field_is_for(
    browse: Browse, app: Flask, ids: list[int]
) -> None:
    act(browse, "words", ids[:1], tags="sea", project="")
    act(browse, "words", ids[1:], tags="", project="acme")
    assert (found(app, tags=("sea",)), found(app, project="acme")) == (ids[:1], ids[1:])


def test_what_is_deleted_can_be_taken_back(browse: Browse, app: Flask, ids: list[int]) -> None:
    done = act(browse, "delete", ids[:2], next="/?sort=oldest")
    assert done.location == f"/?sort=oldest&told=deleted_some&undo={ids[0]}%2C{ids[1]}"
    assert found(app) == ids[2:]
    shown = browse("GET", done.location).text
    assert f'name="ids" value="{ids[0]},{ids[1]}"' in shown
    back = browse("POST", "/selection", data={"action": "restore", "ids": f"{ids[0]},{ids[1]}"})
    assert back.location == "/?told=restored_some"
    assert found(app) == ids


def test_a_zip_of_the_chosen_pictures_is_saved(browse: Browse, app: Flask, ids: list[int]) -> None:
    answer = act(browse, "export", ids[:2])
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"].endswith('-2.zip"')
    with zipfile.ZipFile(BytesIO(answer.data)) as packed:
        assert packed.testzip() is None
        names = sorted(packed.namelist())
    assert len(names) == 4
    with app.app_context():
        image = db.session.get(Image, ids[0])
        assert image
        assert f"{image.created_at:%Y-%m-%d}-a-fox-{ids[0]}.png" in names


@ON_SQLITE
def test_nothing_chosen_is_told_and_nonsense_is_refused(
    browse: Browse, app: Flask, ids: list[int]
) -> None:
    assert act(browse, "delete", []).location == "/?told=nothing_chosen"
    assert browse("GET", "/?told=nothing_chosen").text.count("Nothing was chosen") == 1
    assert act(browse, "eat", ids).status_code == 422
    assert act(browse, "tag", ids, tags=" , ").status_code == 422
    assert act(browse, "words", ids, tags=" , ", project=" ").status_code == 422
    assert act(browse, "delete", [*ids, 10**12]).status_code == 404
    assert act(browse, "delete", list(range(1, 1002))).status_code == 422
    assert found(app) == ids


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", ""]
)
@ON_SQLITE
def test_nobody_is_led_to_another_host(browse: Browse, ids: list[int], target: str) -> None:
    answer = act(browse, "favourite", ids, next=target)
    assert answer.location == "/?told=favourite_some"


@ON_SQLITE
def test_two_to_four_are_compared_and_some_are_shared(browse: Browse, ids: list[int]) -> None:
    assert act(browse, "compare", ids[:2]).location == f"/compare?ids={ids[0]},{ids[1]}"
    shown = act(browse, "share", ids).text
    assert 'action="/shares"' in shown
    assert shown.count("/thumbnail?") == 3
