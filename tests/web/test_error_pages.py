"""What went wrong, as a page: whole for whoever is logged in, and for people, not for programs."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.web.conftest import OURS, Browse


def test_a_page_that_is_missing_has_the_navigation_of_whoever_is_logged_in(browse: Browse) -> None:
    answer = browse("GET", "/nowhere")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert 'href="/shares"' in answer.text
    assert 'href="/shares"' not in browse("GET", "/nowhere", role="viewer").text


def test_programs_are_told_where_to_look_instead(browse: Browse) -> None:
    detail = browse("GET", "/nowhere", headers={"Accept": "*/*"}).json["detail"]  # type: ignore[index]
    assert "/api" in detail


def test_a_page_that_is_missing_is_told_without_the_database(plain_client: FlaskClient) -> None:
    plain_client.set_cookie("proofsheet_00000000", "somebody")
    answer = plain_client.get("/nowhere", headers=OURS)
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


def test_the_composer_and_the_queue_are_rooms_of_the_gallery(browse: Browse) -> None:
    for path in ("/", "/generate", "/queue"):
        assert 'href="/" aria-current="page"' in browse("GET", path).text, path
