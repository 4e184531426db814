"""Links to pictures: what they open, for how long, and when no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.errors import Busy, Gone
from app.extensions import db
from app.imaging import sniff
from app.models import ApiKey, Image, Role
from app.services import picture_links
from app.services.keys import create_key, revoke_key
from app.services.marks import change_image, delete, restore
from app.services.picture_links import LIFE_SECONDS, PictureLink, link_to, opened
from app.services.picture_variants import Variant
from app.services.purge import purge_images
from tests.models.samples import kept_image
from tests.pictures import picture

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def key(context: Flask) -> ApiKey:
    """Whoever asked for the picture."""
    return create_key("a program", Role.CREATOR)[0]


@pytest.fixture
def image(context: Flask) -> Image:
    return kept_image(data=picture("PNG"))


def test_a_link_opens_the_very_bytes_that_are_kept(image: Image, key: ApiKey) -> None:
    found = opened(link_to(image.id, Variant(), key.id))
    assert (found.mime_type, found.read()) == ("image/png", picture("PNG"))
    assert LIFE_SECONDS - 5 < found.seconds <= LIFE_SECONDS


def test_a_link_opens_the_picture_in_another_format(image: Image, key: ApiKey) -> None:
    for name in ("png", "jpeg", "webp", "jpeg-0", "webp-100"):
        found = opened(link_to(image.id, Variant.named(name), key.id))
        wanted = f"image/{name.partition('-')[0]}"
        assert (found.mime_type, sniff(found.read())) == (wanted, wanted)
    assert db.session.get_one(Image, image.id).blob.data == picture("PNG")


def test_the_signature_covers_all_that_a_link_says(image: Image, key: ApiKey) -> None:
    link = link_to(image.id, Variant(), key.id)
    assert link.is_signed(link.signature)
    others: list[dict[str, Any]] = [
        {"image_id": image.id + 1},
        {"variant": "png"},
        {"expires": link.expires + 1},
        {"key": key.id + 1},
    ]
    for other in others:
        assert not replace(link, **other).is_signed(link.signature)


def test_no_other_text_is_a_signature() -> None:
    link = PictureLink(1, "original", 2, 3)
    assert not [each for each in ("", "x" * 43, "é", "\ud800", "\0") if link.is_signed(each)]


def test_another_secret_makes_other_signatures(app: Flask) -> None:
    link = PictureLink(1, "original", 2, 3)
    before = link.signature
    app.extensions["signing_secret"] = "another secret, of another instance"
    assert not link.is_signed(before)


def test_a_link_ends_with_its_hour(image: Image, key: ApiKey) -> None:
    link = link_to(image.id, Variant(), key.id)
    with pytest.raises(Gone, match="expired"):
        opened(replace(link, expires=link.expires - LIFE_SECONDS))


def test_a_link_ends_with_its_key(image: Image, key: ApiKey) -> None:
    link = link_to(image.id, Variant(), key.id)
    revoke_key(key.name)
    with pytest.raises(Gone, match="revoked"):
        opened(link)


def test_a_link_shows_no_deleted_picture_until_it_is_restored(image: Image, key: ApiKey) -> None:
    link = link_to(image.id, Variant(), key.id)
    change_image(image.id, delete())
    with pytest.raises(Gone, match="deleted"):
        opened(link)
    change_image(image.id, restore())
    assert opened(link).read()


def test_a_link_to_a_purged_picture_says_that_it_is_gone(image: Image, key: ApiKey) -> None:
    link = link_to(image.id, Variant(), key.id)
    found = opened(link)
    image_id = image.id
    change_image(image_id, delete())
    purge_images([image_id])
    for look in (lambda: opened(link), found.read):
        with pytest.raises(Gone, match="deleted"):
            look()


def test_numbers_that_no_database_holds_are_gone(image: Image, key: ApiKey) -> None:
    for number in (0, 2**63, 10**30):
        for odd in (link_to(number, Variant(), key.id), link_to(image.id, Variant(), number)):
            with pytest.raises(Gone):
                opened(odd)


def test_while_too_many_are_converted_others_have_to_come_again(image: Image, key: ApiKey) -> None:
    converted = opened(link_to(image.id, Variant("jpeg"), key.id))
    places = picture_links._IN_HAND
    taken = 0
    while places.acquire(blocking=False):
        taken += 1
    try:
        with pytest.raises(Busy):
            converted.read()
        assert opened(link_to(image.id, Variant(), key.id)).read()
    finally:
        places.release(taken)
    assert converted.read()
