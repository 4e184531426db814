"""Marks, soft deletes and their undo, alone and many at once, and when several want them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.errors import InvalidInput, NotFound, OtherNumber, PreconditionFailed
from app.extensions import db
from app.models import Image, ImageRollup, ImageTag, history_revision, search_index
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.matching import matching_ids
from app.models.rollup import book, quarter_of
from app.models.search import normalise
from app.services import marks
from app.services.marks import (
    Changed,
    Marks,
    change_image,
    change_images,
    change_matching,
    preview,
)
from tests.models.samples import ON_SQLITE, kept_image, many_images

DAY = datetime(2026, 3, 29, tzinfo=UTC)


def test_marks_are_committed_and_the_revision_counts_up(context: Flask) -> None:
    image = kept_image()
    change_image(image.id, marks.put(Marks(True, ["fox", "art"], "My best.", "spring")))
    db.session.rollback()
    kept = ImageManager().get(image.id)
    assert (kept.favourite, kept.note, kept.project) == (True, "My best.", "spring")
    assert sorted(kept.tags) == ["art", "fox"]
    assert kept.revision == 2


def test_what_is_not_named_stays_and_none_takes_away(context: Flask) -> None:
    image = kept_image(project="spring")
    change_image(image.id, marks.put(Marks(favourite=True, note="Good", tags=["a"])))
    changed = change_image(image.id, marks.put(Marks(note=None, project=None)))
    assert (changed.favourite, changed.note, changed.project) == (True, None, None)
    assert list(changed.tags) == ["a"]


def test_what_is_so_already_is_no_change(context: Flask) -> None:
    image = kept_image()
    wanted = marks.put(Marks(True, ["b", "a"], "Good", "spring"))
    assert change_image(image.id, wanted).revision == 2
    assert change_image(image.id, wanted).revision == 2
    assert change_image(image.id, marks.restore()).revision == 2
    assert change_image(image.id, marks.put(Marks())).revision == 2


def test_tags_are_replaced_as_a_whole(context: Flask) -> None:
    image = kept_image()
    change_image(image.id, marks.put(Marks(tags=["a", "b", "C"])))
    changed = change_image(image.id, marks.put(Marks(tags=["b", "c"])))
    assert sorted(changed.tags) == ["b", "c"]
    assert change_image(image.id, marks.put(Marks(tags=[]))).tags == []
    assert db.session.scalars(select(ImageTag)).all() == []


@pytest.mark.parametrize(
    ("tags", "cleaned"),
    [
        ([" fox ", "fox"], ["fox"]),
        (["Fox", "fox", "FOX"], ["Fox"]),
        (["Straße", "STRASSE"], ["Straße"]),
        (["b", "a", "狐"], ["a", "b", "狐"]),
        (["x" * 64], ["x" * 64]),
        ([], []),
    ],
)
def test_tags_are_stripped_sorted_and_each_there_once(
    tags: Collection[str], cleaned: list[str]
) -> None:
    assert marks.clean_tags(tags) == cleaned


BAD: list[tuple[Callable[[], Any], str]] = [
    *((lambda tag=tag: marks.clean_tags([tag]), "tags") for tag in ("", " ", "a\nb", "x" * 65)),
    *((lambda tag=tag: marks.remove_tags([tag]), "tags") for tag in ("\0", "\ud800")),
    (lambda: marks.clean_tags([str(number) for number in range(51)]), "tags"),
    *((lambda text=text: marks.put(Marks(note=text)), "note") for text in ("\0", "\ud800")),
    (lambda: marks.put(Marks(note="x" * 10_001)), "note"),
    *((lambda p=p: marks.put(Marks(project=p)), "project") for p in ("", "a\n", "x" * 101, "\0")),
]


@pytest.mark.parametrize(("call", "field"), BAD)
def test_a_mark_that_cannot_be_kept_is_refused(call: Callable[[], Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()
    assert caught.value.field == field


def test_a_note_keeps_its_lines_and_an_empty_one_is_none(context: Flask) -> None:
    image = kept_image()
    text = "Two\nlines, 狐 " + "x" * 9_985
    assert change_image(image.id, marks.put(Marks(note=text))).note == text
    assert change_image(image.id, marks.put(Marks(note=""))).note is None


@pytest.mark.parametrize("image_id", [2, 0, -1, 2**63, 10**30])
def test_an_image_that_is_not_there_cannot_be_changed(context: Flask, image_id: int) -> None:
    kept_image()
    with pytest.raises(NotFound, match=f"no image {image_id}"):
        change_image(image_id, marks.delete())


def test_a_condition_that_does_not_hold_leaves_all_as_it_was(context: Flask) -> None:
    image = kept_image()
    with pytest.raises(PreconditionFailed):
        change_image(image.id, marks.put(Marks(favourite=True)), lambda image: image.revision == 2)
    kept = ImageManager().get(image.id)
    assert (kept.favourite, kept.revision) == (False, 1)


def test_a_condition_is_asked_of_what_is_kept_now_and_not_of_what_was_read_before(
    context: Flask,
) -> None:
    image = kept_image()
    assert image.revision == 1
    with db.engine.begin() as other:
        other.execute(update(Image.__table__).values(revision=5))
    with pytest.raises(PreconditionFailed):
        change_image(image.id, marks.delete(), lambda image: image.revision == 1)
    assert change_image(image.id, marks.delete(), lambda image: image.revision == 5).deleted_at


def test_deleting_is_soft_and_keeps_the_first_time(context: Flask) -> None:
    image = kept_image()
    first = change_image(image.id, marks.delete()).deleted_at
    again = change_image(image.id, marks.delete())
    assert again.deleted_at == first is not None
    assert again.revision == 2
    restored = change_image(image.id, marks.restore())
    assert (restored.deleted_at, restored.revision) == (None, 3)


def test_deletes_and_restores_are_booked_once_each(context: Flask) -> None:
    ids = [kept_image().id for _ in range(3)]
    for _ in range(2):
        change_image(ids[0], marks.delete())
    assert booked() == (2, 1)
    assert change_images(ids, marks.delete()) == Changed(3, 2)
    assert booked() == (0, 3)
    assert change_images([*ids, *ids], marks.restore()) == Changed(3, 3)
    assert booked() == (3, 0)


def test_each_image_is_booked_to_its_own_quarter(context: Flask) -> None:
    old, new = kept_image(), kept_image()
    now = quarter_of(new.position)
    old.position = 7
    book({now: (-1, 0), 0: (1, 0)})
    db.session.commit()
    change_images([old.id, new.id], marks.delete())
    rows = db.session.scalars(select(ImageRollup).where(ImageRollup.span == 1))
    assert {row.bucket: (row.live, row.deleted) for row in rows} == {0: (0, 1), now: (0, 1)}


def test_marks_alone_are_not_booked(context: Flask) -> None:
    image = kept_image()
    change_image(image.id, marks.put(Marks(favourite=True)))
    assert booked() == (1, 0)


def test_many_are_marked_at_once_and_only_real_changes_count(context: Flask) -> None:
    ids = [kept_image().id for _ in range(3)]
    change_image(ids[0], marks.put(Marks(favourite=True)))
    assert change_images(ids, marks.put(Marks(favourite=True))) == Changed(3, 2)
    assert change_images(ids, marks.put(Marks(project="spring"))) == Changed(3, 3)
    images = [ImageManager().get(each) for each in ids]
    assert [(i.favourite, i.project, i.revision) for i in images] == [(True, "spring", 3)] * 3


def test_tags_are_added_and_taken_off_whatever_their_case(context: Flask) -> None:
    ids = [kept_image().id for _ in range(2)]
    change_image(ids[0], marks.put(Marks(tags=["Fox", "snow"])))
    assert change_images(ids, marks.add_tags(["fox", "dusk"])) == Changed(2, 2)
    assert [tags_of(each) for each in ids] == [["Fox", "dusk", "snow"], ["dusk", "fox"]]
    assert change_images(ids, marks.remove_tags(["FOX"])) == Changed(2, 2)
    assert change_images(ids, marks.remove_tags(["snow"])) == Changed(2, 1)
    assert [tags_of(each) for each in ids] == [["dusk"], ["dusk"]]


def test_one_image_with_too_many_tags_and_none_is_changed(context: Flask) -> None:
    ids = [kept_image().id for _ in range(2)]
    change_image(ids[1], marks.put(Marks(tags=[str(number) for number in range(50)])))
    with pytest.raises(InvalidInput, match=f"Image {ids[1]} would have 51 tags") as caught:
        change_images(ids, marks.add_tags(["one more"]))
    assert caught.value.field == "tags"
    assert tags_of(ids[0]) == []


def test_one_unknown_id_and_none_is_changed(context: Flask) -> None:
    image = kept_image()
    with pytest.raises(NotFound, match="no images 7, 8"):
        change_images([image.id, 8, 7], marks.delete())
    assert ImageManager().get(image.id).deleted_at is None
    assert booked() == (1, 0)


@ON_SQLITE
def test_of_many_unknown_ids_some_are_named(context: Flask) -> None:
    with pytest.raises(NotFound, match=r"1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 990 more\.$"):
        change_images(range(1, 1001), marks.delete())


@pytest.mark.parametrize(
    "change",
    [
        marks.put(Marks(favourite=True)),
        marks.put(Marks(tags=["fox"])),
        marks.put(Marks(note="Good")),
        marks.put(Marks(project="spring")),
        marks.add_tags(["fox"]),
        marks.delete(),
    ],
)
def test_the_history_is_another_after_a_change_and_only_then(
    context: Flask, change: marks.Change
) -> None:
    image = kept_image()
    numbers = [history_revision.current()]
    for each in (change, change, marks.restore()):
        change_images([image.id], each)
        numbers.append(history_revision.current())
    restored = image.revision == 3
    assert numbers[0] < numbers[1] == numbers[2]
    assert (numbers[3] > numbers[2]) is restored


def test_many_images_are_changed_in_few_statements(context: Flask, statements: list[str]) -> None:
    ids = [kept_image().id for _ in range(20)]
    statements.clear()
    change_images(ids, marks.delete())
    assert len([each for each in statements if not each.startswith(("BEGIN", "COMMIT"))]) <= 8


def test_of_those_who_saw_the_same_only_one_changes_it(context: Flask) -> None:
    image_id = kept_image().id

    def note(number: int) -> bool:
        with context.app_context():
            try:
                change_image(
                    image_id, marks.put(Marks(note=str(number))), lambda image: image.revision == 1
                )
            except PreconditionFailed:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(note, range(8)))
    assert sum(won) == 1
    db.session.rollback()
    kept = ImageManager().get(image_id)
    assert (kept.note, kept.revision) == (str(won.index(True)), 2)


def test_tags_that_several_add_at_once_are_all_there(context: Flask) -> None:
    ids = [kept_image().id for _ in range(4)]

    def tag(number: int) -> Changed:
        with context.app_context():
            order = ids if number % 2 else ids[::-1]
            return change_images(order, marks.add_tags([f"tag {number}"]))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tag, range(8))) == {Changed(4, 4)}
    db.session.rollback()
    for each in ids:
        assert tags_of(each) == [f"tag {number}" for number in range(8)]
        assert ImageManager().get(each).revision == 9


def test_what_several_delete_and_restore_at_once_is_booked_as_it_is(context: Flask) -> None:
    ids = [kept_image().id for _ in range(4)]

    def toggle(number: int) -> Changed:
        with context.app_context():
            change = marks.restore() if number % 3 else marks.delete()
            return change_images(ids[number % 2 :], change)

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(toggle, range(24)))) == 24
    db.session.rollback()
    live = [ImageManager().get(each).deleted_at is None for each in ids]
    assert booked() == (sum(live), len(live) - sum(live))


WORDS = ("a red fox", "a fox, red", "an owl")


@pytest.fixture
def history(context: Flask) -> None:
    """2,500 images, more than two batches: every fifth is deleted, a third are owls."""
    many_images(
        [DAY + timedelta(minutes=number) for number in range(2500)],
        prompt=lambda number: WORDS[number % 3],
        deleted_at=lambda number: None if number % 5 else DAY,
    )
    rows = db.session.execute(select(Image.position, Image.prompt)).all()
    search_index.add_many((position, normalise(prompt)) for position, prompt in rows)
    db.session.commit()


@pytest.mark.parametrize(
    ("wanted", "matched"),
    [
        (ImageFilter(), 2000),
        (ImageFilter(deleted="only"), 500),
        (ImageFilter(q="owl", deleted="include"), 833),
        (ImageFilter(q='"red fox"'), 667),
        (ImageFilter(q="-owl", sort="oldest"), 1334),
        (ImageFilter(q="wolf"), 0),
        (ImageFilter(until=DAY + timedelta(minutes=30)), 24),
    ],
    ids=str,
)
def test_all_that_a_filter_means_are_changed_and_no_others(
    history: None, wanted: ImageFilter, matched: int
) -> None:
    meant = set(matching_ids(wanted))
    assert len(meant) == matched
    change = marks.put(Marks(favourite=True))
    assert preview(wanted, change) == Changed(matched, matched)
    assert change_matching(wanted, change, matched) == Changed(matched, matched)
    assert change_matching(wanted, change, matched) == Changed(matched, 0)
    assert set(db.session.scalars(select(Image.id).where(Image.favourite))) == meant
    counted = select(Image.revision, func.count()).group_by(Image.revision)
    revisions = dict(db.session.execute(counted).all())
    assert (revisions.get(1, 0), revisions.get(2, 0)) == (2500 - matched, matched)


def test_many_more_than_a_batch_are_deleted_and_booked(history: None) -> None:
    everything = ImageFilter(deleted="include")
    assert change_matching(everything, marks.delete(), 2500) == Changed(2500, 2000)
    assert booked() == (0, 2500)
    assert db.session.scalar(select(func.count()).where(Image.deleted_at == DAY)) == 500
    assert change_matching(everything, marks.restore(), 2500) == Changed(2500, 2500)
    assert booked() == (2500, 0)


def test_many_more_than_a_batch_are_tagged(history: None) -> None:
    change_images([1, 2], marks.put(Marks(tags=["Fox", "dusk"])))
    everything = ImageFilter(deleted="include")
    assert preview(everything, marks.add_tags(["fox"])) == Changed(2500, 2498)
    assert change_matching(everything, marks.add_tags(["fox"]), 2500) == Changed(2500, 2498)
    assert (tags_of(1), tags_of(2500)) == (["Fox", "dusk"], ["fox"])
    assert change_matching(everything, marks.remove_tags(["FOX"]), 2500) == Changed(2500, 2500)
    assert db.session.scalars(select(ImageTag.tag)).all() == ["dusk", "dusk"]


def test_one_of_many_with_too_many_tags_and_none_is_changed(history: None) -> None:
    change_images([2499], marks.put(Marks(tags=[str(number) for number in range(50)])))
    for call in (preview, lambda *given: change_matching(*given, 2000)):
        with pytest.raises(InvalidInput, match="Image 2499 would have 51 tags"):
            call(ImageFilter(), marks.add_tags(["one more"]))
    assert db.session.scalar(select(func.count()).select_from(ImageTag)) == 50


def test_another_number_than_expected_and_none_is_changed(history: None) -> None:
    for expected in (0, 1999, 2001):
        with pytest.raises(OtherNumber) as caught:
            change_matching(ImageFilter(), marks.delete(), expected)
        assert caught.value.matched == 2000
    assert booked() == (2000, 500)


def test_of_those_who_looked_at_the_same_only_one_changes_it(history: None, context: Flask) -> None:
    def delete(_: int) -> bool:
        with context.app_context():
            try:
                change_matching(ImageFilter(), marks.delete(), 2000)
            except OtherNumber as error:
                return error.matched != 0
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(delete, range(4))) == 1
    db.session.rollback()
    assert booked() == (0, 2500)


def tags_of(image_id: int) -> list[str]:
    return sorted(ImageManager().get(image_id).tags)


def booked() -> tuple[int, int]:
    """Return how many live and deleted images the roll-ups know of."""
    count = ImageManager().count
    return count(ImageFilter()), count(ImageFilter(deleted="only"))
