"""ImageManager: the seed contract, pages, positions, and many writers at once."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64decode
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from app import imaging
from app.errors import InvalidInput, InvalidPicture, InvalidPrompt, NotFound, PictureTooLarge
from app.extensions import db
from app.models import Image, ImageBlob, ImageThumbnail, Source
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageDetails, ImageManager
from app.models.page import Page
from config import ROOT, Settings
from tests.models.samples import (
    ON_SQLITE,
    app_with,
    deleted_image,
    generation,
    image_data,
    kept_image,
)
from tests.pictures import RED, opened, picture, rotated, saved, scenery


def decoded(base64: str) -> bytes:
    """Return the bytes of a base64 JPEG."""
    data = b64decode(base64, validate=True)
    assert imaging.sniff(data) == "image/jpeg"
    return data


def count(model: type = Image) -> int:
    """Return how many rows there are, as a new transaction sees it."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# The seed contract


@ON_SQLITE
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_any_picture_becomes_a_base64_jpeg(context: Flask, file_format: str) -> None:
    data = decoded(ImageManager().image_to_base64(image_data(picture(file_format))))
    red = opened(data).convert("RGB").getpixel((5, 5))
    assert isinstance(red, tuple)
    assert all(abs(a - b) < 8 for a, b in zip(red, RED, strict=True))


@ON_SQLITE
def test_a_plain_jpeg_becomes_base64_byte_for_byte(context: Flask) -> None:
    assert decoded(ImageManager().image_to_base64(image_data(picture("JPEG")))) == picture("JPEG")


@ON_SQLITE
@pytest.mark.parametrize(
    "data",
    [
        image_data(None),
        image_data("text"),
        image_data(b""),
        image_data(b"<html></html>"),
        image_data(picture()[:60]),
        SimpleNamespace(image=None),
        None,
        b"bytes",
    ],
)
def test_what_is_no_picture_is_refused_and_not_kept(context: Flask, data: object) -> None:
    manager = ImageManager()
    with pytest.raises(InvalidPicture):
        manager.image_to_base64(data)
    with pytest.raises(InvalidPicture):
        manager.add_image("A fox", data)
    assert count() == count(ImageBlob) == count(ImageThumbnail) == 0


@ON_SQLITE
@pytest.mark.parametrize("prompt", ["", " \n", "a\0b", "a\ud800b"])
def test_a_prompt_that_is_none_is_refused_and_nothing_is_kept(context: Flask, prompt: str) -> None:
    with pytest.raises(InvalidPrompt):
        ImageManager().add_image(prompt, image_data(picture()))
    assert count() == count(ImageBlob) == 0


@ON_SQLITE
def test_a_picture_over_the_limits_is_refused(settings: Settings) -> None:
    with app_with(settings, max_picture_pixels=1000):
        with pytest.raises(PictureTooLarge):
            ImageManager().add_image("A fox", image_data(picture(size=(40, 40))))
        assert count() == 0


def test_adding_commits_and_returns_what_is_kept(context: Flask) -> None:
    shown = ImageManager().add_image("A fox", image_data(picture("PNG")))
    db.session.rollback()
    image = db.session.scalars(select(Image)).one()
    assert image.image_base64 == shown
    assert (image.prompt, image.mime_type, image.source) == ("A fox", "image/jpeg", "generated")
    assert decoded(shown)


def test_the_prompt_is_kept_as_it_was_said(context: Flask) -> None:
    ImageManager().add_image(
        "  Ein Füchslein 🦊\r\nim {Schnee} %s '; DROP\r", image_data(picture())
    )
    assert ImageManager().get_images()[0]["prompt"] == "Ein Füchslein 🦊\nim {Schnee} %s '; DROP"


def test_a_page_is_a_list_of_dicts_newest_first(context: Flask) -> None:
    before = datetime.now(UTC)
    shown = [ImageManager().add_image(word, image_data(picture())) for word in ("One", "Two")]
    page = ImageManager().get_images()
    assert [set(entry) for entry in page] == [{"id", "prompt", "image_base64", "created_at"}] * 2
    assert [entry["prompt"] for entry in page] == ["Two", "One"]
    assert page[0]["image_base64"] == shown[1]
    assert page[0]["id"] > page[1]["id"] > 0
    assert before <= page[1]["created_at"] <= page[0]["created_at"] <= datetime.now(UTC)


def test_pages_hold_every_picture_once(context: Flask) -> None:
    for number in range(5):
        kept_image(f"Fox {number}")
    pages = [ImageManager().get_images(page, 2) for page in (1, 2, 3)]
    prompts = [[entry["prompt"] for entry in page] for page in pages]
    assert prompts == [["Fox 4", "Fox 3"], ["Fox 2", "Fox 1"], ["Fox 0"]]
    assert {(page.total, page.pages) for page in pages} == {(5, 3)}
    assert [page.page for page in pages] == [1, 2, 3]


def test_an_empty_history_has_no_pages(context: Flask) -> None:
    page = ImageManager().get_images()
    assert (list(page), page.total, page.page, page.pages) == ([], 0, 1, 0)


def test_a_page_past_the_end_is_empty(context: Flask) -> None:
    kept_image()
    for number in (2, 10**6, (2**63 - 1) // 100):
        page = ImageManager().get_images(number, 20)
        assert (list(page), page.total, page.page, page.pages) == ([], 1, number, 1)


@ON_SQLITE
@pytest.mark.parametrize(
    ("page", "per_page", "field"),
    [
        (0, 20, "page"),
        (-1, 20, "page"),
        (2**63, 20, "page"),
        (1, 0, "per_page"),
        (1, -1, "per_page"),
        (1, 101, "per_page"),
        (1, 2**63, "per_page"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    context: Flask, page: int, per_page: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        ImageManager().get_images(page, per_page)
    assert caught.value.field == field


@ON_SQLITE
def test_the_largest_page_is_a_setting(settings: Settings) -> None:
    with app_with(settings, max_page_size=3, page_size=3):
        assert len(ImageManager().get_images(1, 3)) == 0
        with pytest.raises(InvalidInput, match="1 to 3 entries"):
            ImageManager().get_images(1, 4)


@ON_SQLITE
@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "GIF", "AVIF"])
def test_a_page_shows_jpegs_of_whatever_was_kept(context: Flask, file_format: str) -> None:
    image = kept_image(data=picture(file_format))
    shown = ImageManager().get_images()[0]["image_base64"]
    assert opened(decoded(shown)).size == (48, 32)
    assert ImageManager().jpeg_base64(image) == shown


@ON_SQLITE
def test_a_kept_jpeg_is_shown_upright(context: Flask) -> None:
    kept_image(data=rotated(saved(scenery(), "JPEG"), 6))
    shown = opened(decoded(ImageManager().get_images()[0]["image_base64"]))
    assert shown.size == (32, 48)
    assert not shown.getexif()


@ON_SQLITE
def test_pictures_over_a_limit_that_was_lowered_are_still_shown(settings: Settings) -> None:
    with app_with(settings, max_picture_pixels=100):
        kept_image(data=picture(size=(40, 40)))
        assert opened(decoded(ImageManager().get_images()[0]["image_base64"])).size == (40, 40)


def test_a_deleted_image_is_not_shown(context: Flask) -> None:
    kept_image("Kept")
    deleted_image("Gone")
    page = ImageManager().get_images()
    assert ([entry["prompt"] for entry in page], page.total) == (["Kept"], 1)


def test_everything_is_there_after_a_restart(settings: Settings) -> None:
    with app_with(settings):
        ImageManager().add_image("A fox", image_data(picture()))
        before = ImageManager().get_images()
    with app_with(settings):
        assert ImageManager().get_images() == before
        ImageManager().add_image("Another", image_data(picture()))
        assert ImageManager().get_images().total == 2


def test_a_page_can_be_used_as_a_list() -> None:
    page = Page(["a", "b", "c"], total=3)
    assert (len(page), page[0], page[-1], page[1:]) == (3, "a", "c", ["b", "c"])
    assert ("b" in page, page.index("c"), list(reversed(page))) == (True, 2, ["c", "b", "a"])


@pytest.mark.parametrize(("total", "pages"), [(0, 0), (1, 1), (20, 1), (21, 2), (40, 2)])
def test_pages_are_counted(total: int, pages: int) -> None:
    assert Page([], total, 1, 20).pages == pages


# Storing


def test_storing_flushes_and_leaves_the_commit_to_the_caller(context: Flask) -> None:
    image = ImageManager().store("A fox", imaging.prepare(picture()))
    assert image.id
    assert count() == 0


def test_storing_keeps_what_is_known_of_a_picture(context: Flask) -> None:
    owner = generation()
    known: dict[str, Any] = {
        "provider": "gemini",
        "model": "nano",
        "seed": 7,
        "aspect_ratio": "3:2",
        "size": "1K",
    }
    costs: dict[str, Any] = {
        "cost_microusd": 33_600,
        "latency_ms": 900,
        "project": "spring",
        "ordinal": 0,
    }
    details = ImageDetails(source=Source.IMPORT, generation_id=owner.id, **known, **costs)
    prepared = imaging.prepare(picture("PNG"))
    image_id = ImageManager().store("A fox", prepared, details).id
    db.session.commit()
    image = ImageManager().get(image_id)
    assert {name: getattr(image, name) for name in (*known, *costs)} == {**known, **costs}
    assert (image.source, image.generation_id, image.api_key) == ("import", owner.id, None)
    assert (image.width, image.height, image.mime_type) == (48, 32, "image/png")
    assert (image.byte_count, image.sha256) == (len(picture()), prepared.sha256)
    assert (image.color, image.favourite, image.deleted_at) == (prepared.color, False, None)
    assert image.blob.data == picture("PNG")


@ON_SQLITE
def test_a_position_is_the_moment_in_microseconds(context: Flask) -> None:
    image = kept_image()
    moment = datetime.fromtimestamp(0, UTC) + (image.created_at - datetime.fromtimestamp(0, UTC))
    assert image.position == round(moment.timestamp() * 1_000_000)


def test_a_position_that_is_taken_gives_way_to_the_next(context: Flask) -> None:
    first = kept_image("First")
    names = {column.key for column in inspect(Image).column_attrs} - {"id"}
    later = Image(**{name: getattr(first, name) for name in names})
    later.blob = ImageBlob(data=b"later")
    ImageManager()._insert(later)
    db.session.commit()
    assert later.position == first.position + 1
    assert later.image_base64 == "bGF0ZXI="
    assert [image.id for image in ImageManager().page(ImageFilter())] == [later.id, first.id]


def test_positions_rise_within_one_transaction(context: Flask) -> None:
    prepared = imaging.prepare(picture())
    positions = [ImageManager().store("A fox", prepared).position for _ in range(20)]
    assert positions == sorted(set(positions))


def test_a_picture_of_a_generation_is_kept_only_once(context: Flask) -> None:
    owner = generation().id
    kept_image(generation_id=owner, ordinal=0)
    with pytest.raises(IntegrityError, match="ordinal"):
        kept_image(generation_id=owner, ordinal=0)
    assert count() == 1


@pytest.mark.parametrize("wrong", [{"latency_ms": -1}, {"generation_id": "none"}])
def test_a_row_that_is_refused_is_not_tried_again(context: Flask, wrong: dict[str, Any]) -> None:
    # The databases' messages may quote the row, and this prompt holds the word "position".
    with pytest.raises(IntegrityError):
        kept_image("A composition in red", **wrong)
    assert count() == 0


def test_a_refused_picture_leaves_the_transaction_usable(context: Flask) -> None:
    kept = kept_image("First")
    manager = ImageManager()
    manager.store("Second", imaging.prepare(picture()))
    with pytest.raises(IntegrityError):
        manager.store("Third", imaging.prepare(picture()), ImageDetails(parents=(kept.id,) * 2))
    db.session.commit()
    assert [entry["prompt"] for entry in manager.get_images()] == ["Second", "First"]


def test_parents_are_kept_in_their_order(context: Flask) -> None:
    parents = tuple(kept_image(f"Parent {number}").id for number in range(3))[::-1]
    child_id = kept_image("Child", parents=parents).id
    db.session.expire_all()
    child = ImageManager().get(child_id)
    assert [row.parent_id for row in child.parent_rows] == list(parents)


# Finding


def test_an_image_that_is_not_there_is_not_found(context: Flask) -> None:
    for image_id in (0, -1, 999, 2**63 - 1, 2**63, 10**30):
        with pytest.raises(NotFound, match=str(image_id)):
            ImageManager().get(image_id)


def test_a_deleted_image_is_still_found_by_its_id(context: Flask) -> None:
    image = kept_image()
    image.deleted_at = datetime.now(UTC)
    db.session.commit()
    assert ImageManager().get(image.id) is image


@pytest.mark.parametrize(
    ("wanted", "prompts"),
    [
        (ImageFilter(), ["Three", "One"]),
        (ImageFilter(sort="oldest"), ["One", "Three"]),
        (ImageFilter(deleted="include"), ["Three", "Two", "One"]),
        (ImageFilter(deleted="only"), ["Two"]),
        (ImageFilter(generation="G"), ["Three"]),
        (ImageFilter(generation="none"), []),
    ],
)
def test_a_filter_lists_and_counts_the_same(
    context: Flask, wanted: ImageFilter, prompts: list[str]
) -> None:
    generation(id="G")
    kept_image("One")
    deleted_image("Two")
    kept_image("Three", generation_id="G", ordinal=0)
    page = ImageManager().page(wanted)
    assert [image.prompt for image in page] == prompts
    assert page.total == ImageManager().count(wanted) == len(prompts)


# Many writers


def test_threads_and_processes_can_add_at_once(app: Flask, settings: Settings) -> None:
    environment = {
        **os.environ,
        "PROOFSHEET_INSTANCE": str(settings.instance),
        "DATABASE_URL": str(settings.database_url),
    }
    command = [sys.executable, "-m", "tests.models.add_many", "16", "48"]
    writers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [writer.communicate(timeout=60)[0] for writer in writers] == [b"48\n"] * 2
    with app.app_context():
        page = ImageManager().page(ImageFilter(), 1, 100)
        ids, positions = zip(*db.session.execute(select(Image.id, Image.position)), strict=True)
        assert len(set(ids)) == len(set(positions)) == page.total == 96
        orphans = text("SELECT count(*) FROM images LEFT JOIN image_blobs ON image_id = id")
        assert db.session.scalar(orphans) == count(ImageBlob) == 96


def test_a_parent_that_was_purged_meanwhile_is_left_out(context: Flask) -> None:
    parent = kept_image().id
    child = kept_image(parents=(parent + 1_000, parent))
    assert [row.parent_id for row in child.parent_rows] == [parent]
