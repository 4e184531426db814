"""GET /v1/images/{id}/{variant}: pictures by links that need no key."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.compat.openai.links import address_of
from app.imaging import sniff
from app.logs import JsonLines
from app.models import Role
from app.services.keys import create_key, revoke_key
from app.services.marks import change_image, delete
from app.services.picture_variants import Variant
from app.services.purge import purge_images
from tests.models.samples import ON_SQLITE, kept_image
from tests.pictures import picture

pytestmark = ON_SQLITE
PUBLIC = "http://127.0.0.1:8000"


@pytest.fixture
def link(app: Flask) -> Callable[..., str]:
    """Return `link(variant)`, the address of a picture that is kept as a PNG."""
    with app.app_context():
        image_id = kept_image(data=picture("PNG")).id
        key_id = create_key("a program", Role.CREATOR)[0].id

    def link(variant: str = "original") -> str:
        with app.test_request_context():
            return address_of(image_id, Variant.named(variant), key_id)

    return link


def fetched(client: FlaskClient, url: str) -> TestResponse:
    """Ask for a link as anybody would, wherever it leads to."""
    parts = urlsplit(url)
    return client.get(f"{parts.path}?{parts.query}")


def changed(url: str, **said: object) -> str:
    """Return a link that says something else."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **said}
    return parts._replace(
        query=urlencode({k: v for k, v in query.items() if v is not None})
    ).geturl()


def test_a_link_needs_no_key(client: FlaskClient, link: Callable[..., str]) -> None:
    answer = fetched(client, link())
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data == picture("PNG")


def test_what_a_link_opens_is_the_browsers_alone_and_for_its_hour(
    client: FlaskClient, link: Callable[..., str]
) -> None:
    headers = fetched(client, link()).headers
    way, _, seconds = headers["Cache-Control"].partition(", max-age=")
    assert way == "private"
    assert 3590 < int(seconds) <= 3600
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Content-Security-Policy"].endswith("sandbox")


def test_a_picture_that_the_browser_has_is_not_sent_again(
    client: FlaskClient, link: Callable[..., str]
) -> None:
    url = link("jpeg-50")
    first = fetched(client, url)
    assert sniff(first.data) == "image/jpeg"
    parts = urlsplit(url)
    again = client.get(
        f"{parts.path}?{parts.query}", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_link_that_was_changed_is_refused(client: FlaskClient, link: Callable[..., str]) -> None:
    others: list[dict[str, object]] = [
        *({"signature": "A" * 43}, {"signature": None}, {"signature": "\0"}),
        *({"expires": each} for each in (9_999_999_999, None, "soon", 10**30)),
        *({"key": each} for each in (999, -1, "\0")),
    ]
    for said in others:
        answer = fetched(client, changed(link(), **said))
        assert (answer.status_code, answer.mimetype) == (403, "application/json")
        assert "none of ours" in answer.json["error"]["message"]


def test_another_picture_or_form_needs_a_link_of_its_own(
    client: FlaskClient, link: Callable[..., str]
) -> None:
    for other in (link().replace("/original", "/png"), link().replace("/images/", "/images/9")):
        assert fetched(client, other).status_code == 403
    assert fetched(client, link().replace("/images/", "/images/x")).status_code == 404


def test_an_expired_link_is_gone(
    client: FlaskClient, link: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.picture_links.LIFE_SECONDS", 0)
    answer = fetched(client, link())
    assert answer.status_code == 410
    assert "expired" in answer.json["error"]["message"]


def test_a_link_of_a_revoked_key_is_gone(
    app: Flask, client: FlaskClient, link: Callable[..., str]
) -> None:
    url = link()
    with app.app_context():
        revoke_key("a program")
    answer = fetched(client, url)
    assert answer.status_code == 410
    assert "revoked" in answer.json["error"]["message"]


def test_a_link_to_a_picture_that_was_deleted_or_purged_is_gone(
    app: Flask, client: FlaskClient, link: Callable[..., str]
) -> None:
    url = link()
    image_id = int(urlsplit(url).path.split("/")[3])
    with app.app_context():
        change_image(image_id, delete())
    assert fetched(client, url).status_code == 410
    with app.app_context():
        purge_images([image_id])
    assert fetched(client, url).status_code == 410


def test_a_link_is_on_the_public_address_whatever_host_was_asked(
    make_app: Callable[..., Flask],
) -> None:
    def address(host: str, **changes: object) -> str:
        app = make_app(trusted_hosts=("other.example",), **changes)
        with app.test_request_context(headers={"Host": host}):
            return address_of(1, Variant(), 1)

    assert address("other.example").startswith(f"{PUBLIC}/v1/images/1/original?")
    public = "https://pictures.example.org/here/"
    assert address("other.example", public_url=public).startswith(
        "https://pictures.example.org/here/v1/images/1/original?"
    )


def test_no_signature_is_in_the_log(
    client: FlaskClient, link: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    url = link()
    signature = dict(parse_qsl(urlsplit(url).query))["signature"]
    with caplog.at_level(logging.INFO, logger="app"):
        fetched(client, url)
        fetched(client, changed(url, key=999))
    requests = [each for each in caplog.records if each.message == "request"]
    assert len(requests) == 2
    assert not any(signature in str(vars(each)) for each in caplog.records)
    # Nor where somebody else tells the whole address.
    record = logging.LogRecord("other", logging.ERROR, "", 1, "GET %s", (url,), None)
    assert signature not in JsonLines().format(record)
