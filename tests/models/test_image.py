"""Image and what belongs to it: checks, base64, and what goes along when it goes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Select, delete, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from app.errors import InvalidPicture
from app.extensions import db
from app.models import Image, ImageBlob, ImageTag, ImageThumbnail
from app.models.image import IMAGES, STARRED
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from tests.models.samples import ON_SQLITE, kept_image, one_of_each
from tests.pictures import picture

REFUSED = {
    "role = 'owner'": "ck_api_keys_role",
    "version = 0": "ck_prompt_templates_version",
    "status = 'paused'": "ck_generations_status",
    "n = 0": "ck_generations_n",
    "n = 101": "ck_generations_n",
    "done = -1": "ck_generations_done",
    "done = n + 1": "ck_generations_done",
    "attempts = -1": "ck_generations_attempts",
    "cost_microusd = -1": "ck_generations_cost_microusd",
    "error_retry_after = -1": "ck_generations_error_retry_after",
    "source = 'stolen'": "ck_images_source",
    "width = 0": "ck_images_dimensions",
    "height = 0": "ck_images_dimensions",
    "byte_count = 0": "ck_images_byte_count",
    "ordinal = -1": "ck_images_ordinal",
    "latency_ms = -1": "ck_images_latency_ms",
    "cost_microusd = -2": "ck_images_cost_microusd",
    "size = 100": "ck_image_thumbnails_size",
    "uses = 0": "ck_prompts_uses",
    "running = -1": "ck_workers_running",
    "event = 'x'": "ck_webhook_deliveries_event",
    "attempts = -2": "ck_webhook_deliveries_attempts",
    "total = 0": "ck_batches_total",
    "pictures = total - 1": "ck_batches_pictures",
    "period = 'week'": "ck_budget_spending_period",
    "cube = 'x'": "ck_report_series_cube",
}
TABLES = (
    *("api_keys", "prompt_templates", "generations", "images", "image_thumbnails", "prompts"),
    *("workers", "batches", "budget_spending", "webhook_deliveries"),
    "report_series",
)
ACCEPTED = [
    ("api_keys", "role = 'creator'"),
    ("generations", "status = 'cancelled'"),
    ("generations", "n = 100, done = 100"),
    ("generations", "cost_microusd = 0, error_retry_after = 0"),
    ("images", "source = 'proxy'"),
    ("images", "ordinal = 0, latency_ms = 0, cost_microusd = 0"),
    ("images", "width = 1, height = 1, byte_count = 1"),
    ("image_thumbnails", "size = 640"),
    ("prompts", "uses = 1"),
    ("workers", "running = 0"),
    ("webhook_deliveries", "event = 'batch.ended', attempts = 0"),
    ("batches", "total = 1, pictures = 1"),
    ("budget_spending", "period = 'month'"),
    ("report_series", "cube = 'all'"),
]


@pytest.mark.parametrize("table", TABLES)
def test_a_value_that_cannot_be_is_refused(context: Flask, table: str) -> None:
    one_of_each()
    for change, check in REFUSED.items():
        if check.startswith(f"ck_{table}_"):
            with pytest.raises(IntegrityError, match=check), db.session.begin_nested():
                db.session.execute(text(f"UPDATE {table} SET {change}"))  # noqa: S608


def test_every_check_has_a_value_that_it_refuses(context: Flask) -> None:
    found = inspect(db.engine).get_multi_check_constraints().values()
    checks = {check["name"] for checks in found for check in checks}
    assert checks == set(REFUSED.values())


def test_a_value_at_its_bound_is_kept(context: Flask) -> None:
    one_of_each()
    for table, change in ACCEPTED:
        db.session.execute(text(f"UPDATE {table} SET {change}"))  # noqa: S608
    db.session.commit()


def test_base64_is_read_from_the_kept_bytes(context: Flask) -> None:
    image = kept_image(data=picture("PNG"))
    assert image.image_base64 == b64encode(picture("PNG")).decode()


def test_base64_can_be_written_and_written_again(context: Flask) -> None:
    image = kept_image()
    for data in (b"one", b"two"):
        image.image_base64 = b64encode(data).decode()
        db.session.commit()
    assert db.session.scalars(select(ImageBlob.data)).all() == [b"two"]


def test_base64_makes_the_picture_of_a_new_image(context: Flask) -> None:
    details = {"width": 1, "height": 1, "byte_count": 3, "mime_type": "image/png", "sha256": "0"}
    image = Image(position=1, prompt="A fox", color="#000000", image_base64="b25l", **details)
    db.session.add(image)
    db.session.commit()
    assert db.session.scalars(select(ImageBlob.data)).all() == [b"one"]


@pytest.mark.parametrize(
    "words", ["no base64!", "b25", "b25l\n", "data:image/png;base64,b25l", "é"]
)
def test_what_is_not_base64_is_refused(words: str) -> None:
    with pytest.raises(InvalidPicture):
        Image().image_base64 = words


def test_the_bytes_are_read_only_when_touched(context: Flask, statements: list[str]) -> None:
    image_id = kept_image().id
    db.session.expunge_all()
    image = ImageManager().get(image_id)
    assert not any("image_blobs" in each for each in statements[-4:])
    statements.clear()
    assert image.image_base64
    assert len([each for each in statements if "image_blobs" in each]) == 1


def listing_statements(statements: list[str], size: int) -> list[str]:
    """Return the statements that list `size` images with all that a listing shows."""
    db.session.expunge_all()
    db.session.rollback()
    statements.clear()
    page = ImageManager().page(ImageFilter(), 1, size)
    assert len(page) == size
    assert all(image.prompt and not image.tags and not image.made_by for image in page)
    assert [parent for image in page for parent in image.parents]
    return [each for each in statements if each.startswith("SELECT")]


def test_a_listing_takes_a_fixed_number_of_queries_and_no_picture(
    context: Flask, statements: list[str]
) -> None:
    parent = kept_image("The first").id
    for number in range(100):
        kept_image(f"Fox {number}", parents=(parent,))
    few, many = (listing_statements(statements, size) for size in (5, 100))
    assert len(few) == len(many) == 2
    assert not any("image_blobs" in each or "image_thumbnails" in each for each in many)


def by_orm(image: Image) -> None:
    db.session.delete(image)


def by_core(image: Image) -> None:
    db.session.execute(delete(Image).where(Image.id == image.id))


def by_hand(image: Image) -> None:
    db.session.execute(text("DELETE FROM images WHERE id = :id"), {"id": image.id})


@pytest.mark.parametrize("remove", [by_orm, by_core, by_hand])
def test_deleting_an_image_takes_all_that_is_its_own(
    context: Flask, remove: Callable[[Image], None]
) -> None:
    kept = kept_image("Kept")
    gone = kept_image("Gone", parents=(kept.id,))
    gone.tags.extend(["red", "fox"])
    db.session.commit()
    remove(gone)
    db.session.commit()
    counts = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (Image, ImageBlob, ImageThumbnail, ImageTag)
    ]
    assert counts == [1, 1, 1, 0]


@pytest.mark.parametrize("remove", [by_orm, by_hand])
def test_purging_a_parent_takes_only_the_link(
    context: Flask, remove: Callable[[Image], None]
) -> None:
    parent = kept_image("Parent")
    child_id = kept_image("Child", parents=(parent.id,)).id
    remove(parent)
    db.session.commit()
    db.session.expire_all()
    assert db.session.get_one(Image, child_id).parent_rows == []


@pytest.mark.parametrize("remove", [by_orm, by_hand])
def test_an_id_is_never_used_again(context: Flask, remove: Callable[[Image], None]) -> None:
    first = kept_image()
    first_id = first.id
    remove(first)
    db.session.commit()
    assert kept_image().id > first_id


def test_a_position_is_unique(context: Flask) -> None:
    first, second = kept_image(), kept_image()
    second.position = first.position
    with pytest.raises(IntegrityError, match="position"):
        db.session.commit()


def test_tags_are_words_in_alphabetical_order(context: Flask) -> None:
    image = kept_image()
    image.tags.extend(["red", "fox"])
    db.session.commit()
    assert list(image.tags) == ["fox", "red"]
    image.tags.remove("red")
    db.session.commit()
    assert db.session.scalars(select(ImageTag.tag)).all() == ["fox"]


@ON_SQLITE
def test_stars_are_found_by_their_own_indexes(context: Flask) -> None:
    """SQLite uses a partial index only where the query says its condition in the same words."""

    def plan(query: Select[int]) -> str:
        compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
        return str(db.session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all())

    starred = select(IMAGES.c.id).where(STARRED)
    assert "ix_images_favourite_position" in plan(starred.order_by(IMAGES.c.position))
    of_one = starred.where(IMAGES.c.prompt_id == 1, IMAGES.c.deleted_at.is_(None))
    assert "ix_images_favourite_prompt" in plan(of_one)
