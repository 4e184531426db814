"""Pictures from files: checked, kept whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.errors import InvalidInput, InvalidPicture, InvalidPrompt, ProofsheetError
from app.extensions import db
from app.imaging import prepare
from app.models import Image, PastPrompt, Role, Source
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.types import utc_now
from app.services import marks
from app.services.keys import create_key
from app.services.marks import change_images
from app.services.uploads import MOST_FILES, Upload, keep_uploads, keep_uploads_once
from config import Settings
from tests.models.samples import ON_SQLITE, app_with
from tests.pictures import picture

FOX = Upload("fox.png", picture("PNG"))


def kept() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Image)) or 0


def test_each_file_is_kept_as_it_came_with_all_that_is_known(context: Flask) -> None:
    key = create_key("Ada", Role.CREATOR)[0].id
    files = [Upload("a.jpg", picture("JPEG")), FOX, Upload("b.webp", picture("WEBP"))]
    images = keep_uploads(
        files, prompt=" Two foxes ", tags=["sea", "Fox", "fox"], project="acme", api_key_id=key
    )
    db.session.expire_all()
    assert [image.blob.data for image in images] == [each.data for each in files]
    for image in images:
        assert (image.source, image.prompt, image.project) == ("upload", "Two foxes", "acme")
        assert (image.api_key_id, list(image.tags)) == (key, ["Fox", "sea"])
        assert (image.provider, image.model, image.cost_microusd) == (None, None, None)
        assert image.thumbnails
    assert ImageManager().count(ImageFilter()) == 3
    assert [row.id for row in ImageManager().page(ImageFilter(q="foxes"))] == [
        image.id for image in reversed(images)
    ]
    assert db.session.scalars(select(PastPrompt.uses)).all() == [3]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("old harbour.png", "old harbour"),
        ("C:\\pictures\\fox.tar.gz", "fox.tar"),
        ("../../etc/passwd", "passwd"),
        (".png", ".png"),
        ("", "Upload"),
        ("a\0b.png", "Upload"),
        ("\ud800.png", "Upload"),
        ("ж" * 300, "ж" * 100),
    ],
)
def test_without_words_a_picture_has_the_name_of_its_file_which_is_no_past_prompt(
    context: Flask, name: str, words: str
) -> None:
    [image] = keep_uploads([Upload(name, FOX.data)])
    assert (image.prompt, image.prompt_id) == (words, None)
    assert db.session.scalars(select(PastPrompt)).all() == []


def test_one_that_is_no_picture_keeps_all_others_out(context: Flask) -> None:
    with pytest.raises(InvalidPicture) as caught:
        keep_uploads([FOX, Upload("fox.svg", b"<svg/>")])
    assert caught.value.field == "file.1"
    assert kept() == 0


@ON_SQLITE
@pytest.mark.parametrize(
    ("more", "error", "field"),
    [
        ({"prompt": " "}, InvalidPrompt, "prompt"),
        ({"prompt": "x" * 20_001}, InvalidPrompt, "prompt"),
        ({"tags": [""]}, InvalidInput, "tags"),
        ({"project": "a\0"}, InvalidInput, "project"),
    ],
)
def test_what_does_not_fit_keeps_them_out(
    context: Flask, more: dict[str, object], error: type[ProofsheetError], field: str
) -> None:
    with pytest.raises(error) as caught:
        keep_uploads([FOX], **more)  # type: ignore[arg-type]
    assert getattr(caught.value, "field", None) == field
    assert kept() == 0


@ON_SQLITE
def test_so_many_files_at_once_and_no_more(context: Flask) -> None:
    for count in (0, MOST_FILES + 1):
        with pytest.raises(InvalidInput, match=f"1 to {MOST_FILES}"):
            keep_uploads([FOX] * count)
    assert len(keep_uploads([FOX] * MOST_FILES)) == MOST_FILES


@ON_SQLITE
def test_they_are_kept_in_the_format_of_the_settings(settings: Settings) -> None:
    with app_with(settings, image_format="webp"):
        assert keep_uploads([FOX])[0].mime_type == "image/webp"


def test_a_form_that_is_sent_again_at_once_keeps_its_files_once(context: Flask) -> None:
    ada, ben = (create_key(name, Role.CREATOR)[0].id for name in ("Ada", "Ben"))
    hare = Upload("hare.png", picture("PNG", color=(1, 2, 3)))

    def send(files: list[Upload], key: int = ada, project: str | None = None) -> list[int]:
        rows = keep_uploads_once(files, project=project, api_key_id=key)
        return [row.id for row in rows]

    first = send([FOX, FOX])
    assert len(set(first)) == 2, "each file of one form is a picture of its own"
    assert send([FOX, FOX]) == first
    assert [each in first for each in send([hare, FOX])] == [False, True]
    assert kept() == 3
    send([FOX], ben)
    send([FOX], project="acme")
    assert kept() == 5, "another key or project has pictures of its own"
    change_images(first, marks.delete())
    assert send([FOX])[0] not in first, "what was deleted is kept anew"


def test_what_was_sent_long_before_is_kept_again(context: Flask) -> None:
    key = create_key("Ada", Role.CREATOR)[0].id
    before = utc_now() - timedelta(minutes=2)
    details = ImageDetails(source=Source.UPLOAD, api_key_id=key)
    ImageManager().store_all([NewImage("fox", prepare(FOX.data), details, created_at=before)])
    db.session.commit()
    keep_uploads_once([FOX], project=None, api_key_id=key)
    assert kept() == 2
