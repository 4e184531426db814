"""Pictures that come along with a request to work from them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.errors import Busy, InvalidInput, InvalidPicture, InvalidPrompt, OverBudget
from app.extensions import db
from app.models import Generation, Image, Role, Source
from app.models.rollup import ImageRollup
from app.providers.base import ModelNotFound
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.marks import change_image, delete
from app.services.sent_pictures import add_sent
from app.services.uploads import Upload
from tests.models.samples import app_with, kept_image
from tests.pictures import picture

RED, BLUE = picture(color=(200, 30, 40)), picture(color=(30, 40, 200))
ASKED = GenerationRequest("Paint it green", project="acme")


@pytest.fixture
def key(context: Flask) -> int:
    """The id of whoever asks."""
    return create_key("a program", Role.CREATOR)[0].id


def sent(*files: bytes, name: str = "upload") -> list[Upload]:
    return [Upload(name, data) for data in files]


def asked(key: int, *files: bytes, **wishes: Any) -> Generation:
    """Ask for a picture made from these files, and commit that."""
    request = add_sent(sent(*files), GenerationRequest("Paint it green", **wishes), key)
    return ImageGeneratorService().submit(request, key)


def images() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Image)) or 0


def test_what_is_sent_is_kept_as_an_upload_and_worked_from(key: int) -> None:
    generation = asked(key, RED, BLUE, project="acme")
    first, second = (db.session.get_one(Image, each) for each in generation.input_images or ())
    assert [first.blob.data, second.blob.data] == [RED, BLUE]
    assert (first.source, first.api_key_id, first.project) == (Source.UPLOAD, key, "acme")
    assert (first.prompt, first.prompt_id) == ("upload", None)


def test_a_picture_of_the_history_is_the_parent_itself(key: int) -> None:
    image = kept_image(data=RED)
    assert asked(key, BLUE, RED).input_images == [image.id + 1, image.id]
    assert images() == 2


def test_the_same_picture_is_kept_once_however_often_it_comes(key: int) -> None:
    first = asked(key, RED, RED)
    assert len(first.input_images or ()) == 1
    assert asked(key, RED).input_images == first.input_images
    assert images() == 1


def test_of_those_who_send_the_same_at_once_one_has_it_kept(app: Flask, key: int) -> None:
    together = Barrier(4)

    def ask(_number: int) -> list[int] | None:
        with app.app_context():
            together.wait(30)
            return asked(key, RED).input_images

    with ThreadPoolExecutor(4) as pool:
        [found] = {tuple(ids or ()) for ids in pool.map(ask, range(4))}
    assert len(found) == images() == 1


def test_a_live_image_comes_before_a_deleted_one(key: int) -> None:
    live, other = kept_image(data=RED).id, kept_image(data=RED).id
    change_image(other, delete())
    assert asked(key, RED).input_images == [live]
    change_image(live, delete())
    assert asked(key, RED).input_images == [other]


def test_where_pictures_are_converted_the_result_is_found_again(key: int, settings: Any) -> None:
    with app_with(settings, image_format="webp"):
        first = asked(key, RED)
        [image_id] = first.input_images or ()
        assert db.session.get_one(Image, image_id).mime_type == "image/webp"
        assert asked(key, RED).input_images == first.input_images
        assert images() == 1


@pytest.mark.parametrize(
    ("files", "wishes", "error"),
    [
        ((RED, b"no picture"), {}, InvalidPicture),
        ((RED,), {"n": 0}, InvalidInput),
        ((RED,), {"model": "dream-9"}, ModelNotFound),
        ((RED,), {"size": "9K"}, InvalidInput),
        (tuple(picture(color=(each, 0, 0)) for each in range(15)), {}, InvalidInput),
    ],
)
def test_nothing_is_kept_of_what_is_refused(
    key: int, files: tuple[bytes, ...], wishes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        asked(key, *files, **wishes)
    assert images() == 0


def test_which_picture_is_none_is_told(key: int) -> None:
    with pytest.raises(InvalidPicture) as caught:
        add_sent(sent(RED, RED, b"no picture"), ASKED, key)
    assert caught.value.field == "image.2"


def test_words_are_checked_before_pictures(key: int) -> None:
    with pytest.raises(InvalidPrompt):
        add_sent(sent(b"no picture"), GenerationRequest(" "), key)


def test_nothing_is_kept_where_a_budget_does_not_allow_it(
    key: int, make_app: Callable[..., Flask]
) -> None:
    poor = make_app(gemini_api_key="x", daily_budget="0.01")
    with poor.app_context():
        with pytest.raises(OverBudget):
            asked(key, RED)
        assert images() == 0
        assert db.session.scalar(select(func.sum(ImageRollup.live))) is None


def test_nothing_is_kept_where_the_queue_is_full(key: int, make_app: Callable[..., Flask]) -> None:
    with make_app(max_queued=1).app_context():
        service = ImageGeneratorService()
        service.enqueue(GenerationRequest("A fox"), key)
        request = add_sent(sent(RED), ASKED, key)
        with pytest.raises(Busy):
            service.enqueue(request, key)
        assert images() == 0
