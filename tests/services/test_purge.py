"""Purging: deleted images go for good, with all that hangs on them and the room they took."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.errors import Conflict, NotFound, OtherNumber
from app.extensions import db
from app.models import (
    Generation,
    Image,
    ImageBlob,
    ImageParent,
    ImageTag,
    ImageThumbnail,
    SearchText,
    Status,
    history_revision,
    space,
)
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.types import utc_now
from app.services import marks
from app.services.marks import Marks, change_image, change_images
from app.services.purge import preview, purge_images, purge_matching, trash
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import picture


@pytest.fixture
def trashed(context: Flask) -> list[int]:
    """Four images with words and tags, of which the first three are deleted."""
    ids = [kept_image(f"A fox, {number}").id for number in range(4)]
    change_images(ids, marks.put(Marks(tags=["fox"])))
    change_images(ids[:3], marks.delete())
    return ids


def rows(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_purged_is_gone_with_all_that_hangs_on_it(trashed: list[int]) -> None:
    before = history_revision.current()
    assert purge_images(trashed[:2]).purged == 2
    assert set(db.session.scalars(select(Image.id))) == set(trashed[2:])
    assert [rows(each) for each in (ImageBlob, ImageTag, SearchText)] == [2, 2, 2]
    assert set(db.session.scalars(select(ImageThumbnail.image_id))) == set(trashed[2:])
    count = ImageManager().count
    assert (count(ImageFilter()), count(ImageFilter(deleted="only"))) == (1, 1)
    assert count(ImageFilter(q="fox", deleted="include")) == 2
    assert history_revision.current() > before


def test_an_image_that_is_not_deleted_stops_all(trashed: list[int]) -> None:
    with pytest.raises(Conflict, match=f"not image {trashed[3]}: delete first"):
        purge_images(trashed)
    assert rows(Image) == 4


@pytest.mark.parametrize("unknown", [9, 0, 10**30])
def test_an_image_that_is_not_there_stops_all(trashed: list[int], unknown: int) -> None:
    with pytest.raises(NotFound, match=f"no image {unknown}"):
        purge_images([trashed[0], unknown])
    assert rows(Image) == 4


def test_of_a_filter_only_what_is_deleted_goes(trashed: list[int]) -> None:
    wanted = ImageFilter(q="fox", tags=("fox",), deleted="include")
    assert preview(wanted) == 3
    with pytest.raises(OtherNumber):
        purge_matching(wanted, 4)
    assert rows(Image) == 4
    assert purge_matching(wanted, 3).purged == 3
    assert list(db.session.scalars(select(Image.id))) == trashed[3:]


def test_of_parents_and_children_only_the_link_goes(context: Flask) -> None:
    parent = kept_image()
    child = kept_image(parents=(parent.id,))
    grandchild = kept_image(parents=(child.id,))
    change_image(child.id, marks.delete())
    purge_images([child.id])
    assert set(db.session.scalars(select(Image.id))) == {parent.id, grandchild.id}
    assert rows(ImageParent) == 0


def test_generations_stay_with_what_they_cost(context: Flask) -> None:
    made = generation(status=Status.SUCCEEDED, done=1, cost_microusd=5)
    image = kept_image(generation_id=made.id, ordinal=0)
    change_image(image.id, marks.delete())
    purge_images([image.id])
    kept = db.session.get(Generation, made.id, populate_existing=True)
    assert (kept.prompt, kept.done, kept.cost_microusd, kept.images) == ("A fox", 1, 5, [])


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_what_is_being_drawn_is_left_alone(context: Flask, status: Status) -> None:
    image = kept_image(generation_id=generation(status=status, n=2).id, ordinal=0)
    change_image(image.id, marks.delete())
    with pytest.raises(Conflict, match="goes on"):
        purge_images([image.id])
    assert (preview(ImageFilter()), trash(None)) == (0, [])
    assert rows(Image) == 1


def test_the_trash_is_told_by_age(trashed: list[int]) -> None:
    hour = timedelta(hours=1)
    assert trash(None) == trash(utc_now() + hour) == trashed[:3]
    assert trash(utc_now() - hour) == []


def test_the_room_goes_back_to_the_disk(context: Flask) -> None:
    data = picture("PNG", size=(1, 1)) + b"x" * 600_000  # read, and kept, to its end
    ids = [kept_image(data=data).id for _ in range(20)]
    change_images(ids, marks.delete())
    done = purge_images(ids)
    assert (done.purged, done.complete) == (20, True)
    assert done.bytes_freed > 20 * 400_000 * 0.9


@ON_SQLITE
def test_the_file_is_smaller_afterwards(context: Flask) -> None:
    data = picture("PNG", size=(1, 1)) + b"x" * 600_000
    ids = [kept_image(data=data).id for _ in range(20)]
    change_images(ids, marks.delete())
    db.session.execute(text("PRAGMA wal_checkpoint"))
    db.session.commit()
    file = Path(db.engine.url.database)
    before = file.stat().st_size
    done = purge_images(ids)
    assert file.stat().st_size == before - done.bytes_freed < before / 4
    assert Path(f"{file}-wal").stat().st_size == 0


def test_readers_that_are_in_the_way_are_told_of(
    context: Flask, trashed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "_PATIENCE_SECONDS", 1)
    with db.engine.connect() as reader:
        reader.execute(select(Image.id)).all()
        done = purge_images(trashed[:1], forget=True)
    assert (done.purged, done.complete) == (1, False)
    assert purge_matching(ImageFilter(q="nothing"), 0, forget=True).complete
    if db.engine.dialect.name == "postgresql":
        assert db.session.scalar(text("SHOW lock_timeout")) == "0"
