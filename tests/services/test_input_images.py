"""Pictures to work from: which are taken, what is sent, and whose children the results are."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app import imaging
from app.errors import InvalidInput, NotFound
from app.extensions import db
from app.models import Generation, Image
from app.providers.base import ImageData
from app.services import input_images
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from tests.fakes.providers import install
from tests.models.samples import ON_SQLITE, deleted_image, kept_image
from tests.pictures import picture


def asking(*ids: int, n: int = 1) -> GenerationRequest:
    return GenerationRequest("Mend it", n=n, input_images=ids)


def service() -> ImageGeneratorService:
    return ImageGeneratorService()


def purge(image_id: int) -> None:
    db.session.execute(delete(Image).where(Image.id == image_id))
    db.session.commit()


def test_each_result_is_made_from_the_pictures_in_their_order(context: Flask) -> None:
    provider = install(context)
    files = [picture("PNG"), picture("JPEG"), picture("WEBP")]
    first, second, third = (kept_image(data=data).id for data in files)
    row = service().generate(asking(third, first, second, n=2))
    assert (row.status, row.input_images) == ("succeeded", [third, first, second])
    sent = tuple(
        ImageData(files[place], f"image/{kind}")
        for place, kind in ((2, "webp"), (0, "png"), (1, "jpeg"))
    )
    assert [request.input_images for request in provider.requests] == [sent, sent]
    for image in row.images:
        assert [each.parent_id for each in image.parent_rows] == [third, first, second]


@ON_SQLITE
@pytest.mark.parametrize("kind", ["GIF", "AVIF"])
def test_what_not_every_provider_takes_is_sent_as_jpeg(context: Flask, kind: str) -> None:
    provider = install(context)
    service().generate(asking(kept_image(data=picture(kind)).id))
    [sent] = provider.requests[0].input_images
    assert (sent.mime_type, imaging.sniff(sent.image_bytes)) == ("image/jpeg", "image/jpeg")


@ON_SQLITE
def test_a_deleted_picture_can_be_worked_from(context: Flask) -> None:
    install(context)
    assert service().generate(asking(deleted_image().id)).status == "succeeded"


def test_what_cannot_be_worked_from_is_refused_and_not_recorded(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_image().id
    purged = kept_image().id
    purge(purged)
    refused: list[tuple[tuple[int, ...], type[Exception], str]] = [
        ((kept, purged), NotFound, f"no image {purged}"),
        ((0,), NotFound, "no image 0"),
        ((2**63,), NotFound, "no image 9223372036854775808"),
        ((kept, kept), InvalidInput, "once"),
        (tuple(range(1, 16)), InvalidInput, "14 pictures at the most"),
    ]
    for ids, error, words in refused:
        with pytest.raises(error, match=words):
            service().submit(asking(*ids))
    monkeypatch.setattr(input_images, "MOST_BYTES", len(picture()) - 1)
    with pytest.raises(InvalidInput, match="MB together"):
        service().submit(asking(kept))
    assert db.session.scalar(select(func.count()).select_from(Generation)) == 0


def test_a_picture_that_is_purged_before_it_is_drawn_from_fails_the_generation(
    context: Flask,
) -> None:
    provider = install(context)
    gone = kept_image().id
    waiting = service().submit(asking(gone)).id
    purge(gone)
    failed = service().run(waiting)
    assert (failed.status, failed.error_code, failed.cost_microusd) == ("failed", "input_gone", 0)
    assert (failed.error_retryable, failed.input_images) == (False, [gone])
    assert provider.requests == []


def test_a_result_is_kept_when_its_parent_is_purged_while_it_is_drawn(context: Flask) -> None:
    parents = [kept_image().id, kept_image().id]

    def draw_while_one_goes() -> bytes:
        purge(parents[0])
        return picture()

    install(context, draw_while_one_goes)
    row = service().generate(asking(*parents))
    assert row.status == "succeeded"
    assert [each.parent_id for each in row.images[0].parent_rows] == [parents[1]]
