"""The bytes of a picture and of its thumbnails."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete

from app import imaging
from app.errors import NotFound
from app.extensions import db
from app.models import Image
from app.models.picture_file import picture_file, thumbnail_file
from tests.models.samples import ON_SQLITE, kept_image
from tests.pictures import picture


def test_a_picture_is_read_as_it_was_kept(context: Flask) -> None:
    image = kept_image("A fox", data=picture("PNG"))
    found = picture_file(image.id)
    assert (found.prompt, found.mime_type, found.etag) == ("A fox", "image/png", image.sha256)
    assert found.created_at == image.created_at
    assert found.read() == picture("PNG")


@pytest.mark.parametrize(
    ("pixels", "expected"), [(900, [320, 640]), (400, [320, 640]), (48, [320])]
)
def test_the_thumbnail_is_the_largest_there_is(
    context: Flask, pixels: int, expected: list[int]
) -> None:
    image = kept_image(data=picture(size=(pixels, pixels)))
    small, large = (thumbnail_file(image.id, size) for size in (320, 640))
    assert [small.size, large.size][: len(expected)] == expected
    assert large.etag == f"{image.sha256}-{large.size}"
    data = large.read()
    assert imaging.sniff(data) == large.mime_type == "image/webp"


@pytest.mark.parametrize("image_id", [0, 1, 2**63])
def test_a_picture_that_is_not_there_is_not_found(context: Flask, image_id: int) -> None:
    with pytest.raises(NotFound, match=f"There is no image {image_id}"):
        picture_file(image_id)
    with pytest.raises(NotFound, match=f"There is no image {image_id}"):
        thumbnail_file(image_id, 320)


@ON_SQLITE
def test_one_that_is_purged_before_it_is_read_is_not_found(context: Flask) -> None:
    found = picture_file(kept_image().id)
    db.session.execute(delete(Image))
    with pytest.raises(NotFound):
        found.read()


def test_a_picture_takes_one_query_and_its_bytes_another(
    context: Flask, statements: list[str]
) -> None:
    image_id = kept_image().id
    statements.clear()
    found = picture_file(image_id)
    assert len(statements) - statements.count("BEGIN") == 1
    found.read()
    assert len(statements) - statements.count("BEGIN") == 2
