"""/settings: the look of a device, one's own key, limits, the service, storage, about."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app import __version__
from app.models import Role, Status
from app.models.types import utc_now
from app.services import workers
from app.services.keys import create_key
from app.services.schema import current_revision
from tests.models.samples import ON_SQLITE, deleted_image, generation, kept_image
from tests.pictures import picture
from tests.services.webhooks.conftest import SECRET
from tests.web.conftest import OURS, Browse, browser, logged_in

PAGES = ["/settings", "/settings/limits", "/settings/service", "/settings/storage"]


def text(html: str) -> str:
    """Return what one reads of a page, in one line."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html))


# The look


@ON_SQLITE
def test_a_look_is_on_the_page_itself_from_then_on(browse: Browse) -> None:
    chosen = {"theme": "dark", "tiles": "large"}
    assert browse("POST", "/settings/look", data=chosen).location == "/settings?told=look"
    shown = browse("GET", "/settings?told=look").text
    assert '<html lang="en" data-theme="dark" data-tiles="large">' in shown
    assert "This device looks so from now on." in shown
    assert '<option value="dark" selected>' in shown
    grounds = re.findall('theme-color" content="([^"]+)', shown)
    assert len(set(grounds)) == 1


@ON_SQLITE
def test_a_script_that_keeps_a_look_gets_no_page(browse: Browse) -> None:
    answer = browse("POST", "/settings/look", data={"theme": "light"}, headers={"X-Fragment": "1"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "proofsheet_look=light.medium" in answer.headers["Set-Cookie"]


@ON_SQLITE
def test_what_is_no_look_is_the_usual_one(browse: Browse) -> None:
    hostile = {"theme": 'dark"><script>', "tiles": "\N{FOX FACE}"}
    browse("POST", "/settings/look", data=hostile)
    assert 'data-theme="auto" data-tiles="medium"' in browse("GET", "/settings").text


@ON_SQLITE
def test_larger_pictures_are_asked_for_where_rows_are_higher(app: Flask, browse: Browse) -> None:
    with app.app_context():
        kept_image(data=picture(size=(50, 50)))
    assert 'sizes="(width &lt; 40rem) 140px, 260px"' in browse("GET", "/").text
    browse("POST", "/settings/look", data={"tiles": "large"})
    assert 'sizes="(width &lt; 40rem) 220px, 380px"' in browse("GET", "/").text


# One's own key


def test_everybody_sees_their_own_key_and_may_log_out(browse: Browse) -> None:
    shown = browse("GET", "/settings", role="viewer").text
    assert "the viewer" in shown
    assert "viewer: sees everything" in shown
    assert 'action="/logout"' in shown
    assert "/settings/keys" not in shown


def test_logging_out_elsewhere_leaves_this_browser_logged_in(app: Flask) -> None:
    with app.app_context():
        (_, key), (_, of_another) = (create_key(name, Role.VIEWER) for name in ("phone", "tv"))
    here, elsewhere, another = (logged_in(app, each) for each in (key, key, of_another))
    answer = here.post("/settings/sessions/end", headers=OURS)
    assert answer.location == "/settings?told=logged_out"
    assert here.get("/settings", headers=OURS).status_code == 200
    assert another.get("/settings", headers=OURS).status_code == 200
    assert elsewhere.get("/settings", headers=OURS).location == "/login?next=/settings"


# How the service stands


@pytest.mark.parametrize("role", ["viewer", "creator", "admin"])
def test_every_page_is_there_for_every_role(browse: Browse, role: str) -> None:
    for path in PAGES:
        assert browse("GET", path, role=role).status_code == 200, path


def test_limits_are_told_with_the_names_that_change_them(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(requests_per_minute=1234, daily_budget="7.50", max_upload_bytes=2_000_000)
    shown = text(browser(app)("GET", "/settings/limits").text)
    assert "PROOFSHEET_REQUESTS_PER_MINUTE 1,234" in shown
    assert "PROOFSHEET_MAX_UPLOAD_BYTES 2 MB" in shown
    assert "PROOFSHEET_PICTURES_PER_MINUTE no limit" in shown
    assert "$7.50 left of $7.50" in shown
    assert "Key the creator" in shown


def test_a_viewer_has_no_budget_but_limits(browse: Browse) -> None:
    shown = text(browse("GET", "/settings/limits", role="viewer").text)
    assert "spends nothing" in shown
    assert "Requests a minute 6,000" in shown


def test_the_service_tells_who_draws_and_who_is_at_work(app: Flask, browse: Browse) -> None:
    with app.app_context():
        workers.sign_on("<b>one</b>")
        generation(model="sketch-1")
        generation(model="sketch-1", status=Status.RUNNING, started_at=utc_now())
    html = browse("GET", "/settings/service").text
    shown = text(html)
    assert "&lt;b&gt;one&lt;/b&gt;</bdi>: alive" in html
    assert "sketch-1: 1 waiting" in shown
    assert "sketch-1: 1 under way" in shown
    assert "Gemini key not set here" in shown
    assert ", of sketch" in shown
    assert "Webhook" not in shown


def test_without_a_worker_it_says_what_to_start(browse: Browse) -> None:
    assert "No worker is at work" in browse("GET", "/settings/service").text


def test_secrets_are_on_no_page(make_app: Callable[..., Flask]) -> None:
    url = "https://hooks.example.org/a-secret/path"
    secrets = {"gemini_api_key": "key-of-gemini", "webhook_secret": SECRET, "secret": "s" * 32}
    browse = browser(make_app(webhook_url=url, **secrets))
    shown = "".join(browse("GET", path, role="admin").text for path in [*PAGES, "/settings/about"])
    assert "Gemini key set" in text(shown)
    assert "https://hooks.example.org" in shown
    for secret in ("a-secret", *secrets.values()):
        assert secret not in shown


def test_storage_tells_what_a_purge_would_give_back(app: Flask, browse: Browse) -> None:
    with app.app_context():
        kept_image()
        deleted_image()
    shown = text(browse("GET", "/settings/storage", role="admin").text)
    assert re.search(r"Pictures [\d.]+ k?B, 2 pictures", shown)
    assert re.search(r"In the trash [\d.]+ k?B, 1 picture\b", shown)
    assert "Empty the trash" in shown
    assert "Empty the trash" not in browse("GET", "/settings/storage").text


def test_about_names_versions_and_the_folder_to_administrators_alone(
    app: Flask, browse: Browse, database_url: str
) -> None:
    with app.app_context():
        revision = current_revision() or ""
    seen = browse("GET", "/settings/about", role="viewer").text
    shown = browse("GET", "/settings/about", role="admin").text
    kind = "SQLite" if database_url.startswith("sqlite") else "PostgreSQL"
    for html in (seen, shown):
        assert f"Version {__version__} Database {kind}" in text(html)
        assert "BSD-3-Clause" in html
        assert 'href="/api/docs"' in html
    assert revision in shown
    assert app.instance_path in shown
    assert app.instance_path not in seen
