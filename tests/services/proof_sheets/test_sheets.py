"""Proof sheets: made, opened, marked, taken back; and what a guest gets to know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.errors import Conflict, Gone, InvalidInput, NotFound
from app.extensions import db
from app.models import ApiKey, Image, ProofSheet, ProofSheetImage, history_revision
from app.models.cursor import Cursor
from app.models.image_filter import ImageFilter
from app.models.image_pages import count
from app.models.matching import matching_ids
from app.models.types import utc_now
from app.services import marks
from app.services.marks import change_images
from app.services.proof_sheets import (
    MOST_PICTURES,
    Mark,
    NewSheet,
    extend_sheet,
    get_view,
    list_sheets,
    make_sheet,
    open_sheet,
    pictures_of_sheet,
    renew_link,
    revoke_sheet,
    save_marks,
)
from app.services.proof_sheets.pictures import large_of, original_of, small_of
from app.services.purge import purge_images
from app.services.searches import filter_of, query_of
from tests.models.samples import ON_SQLITE, kept_image, many_images
from tests.pictures import opened, picture

SECRET = "only for our eyes"


def shared(*prompts: str, **more: Any) -> tuple[int, str, list[int]]:
    """Share new pictures; return the sheet's id, its token and the ids of its images."""
    ids = [kept_image(each).id for each in prompts or ("A fox", "A hare", "An owl")]
    sheet_id, token = make_sheet(NewSheet("Animals", ids, **more))
    return sheet_id, token, ids


def end(sheet_id: int) -> None:
    """Have a sheet's time be over."""
    sheet = db.session.get(ProofSheet, sheet_id)
    assert sheet
    sheet.expires_at = utc_now() - timedelta(seconds=1)
    db.session.commit()


def found(**wanted: Any) -> list[int]:
    """Return the ids that a filter finds."""
    return list(matching_ids(ImageFilter(**wanted)))


def test_a_sheet_shows_pictures_in_the_order_that_was_given(context: Flask) -> None:
    first, second = kept_image("A fox").id, kept_image("A hare").id
    sheet_id, _ = make_sheet(NewSheet(" Two ", [second, first, second], greeting=" Hello "))
    assert [(each.number, each.image_id) for each in pictures_of_sheet(sheet_id)] == [
        (1, second),
        (2, first),
    ]
    view = get_view(sheet_id)
    assert (view.sheet.title, view.sheet.greeting, view.pictures) == ("Two", "Hello", 2)


def test_only_the_hash_of_the_token_is_kept(context: Flask) -> None:
    sheet_id, token, _ = shared()
    sheet = db.session.get(ProofSheet, sheet_id)
    assert sheet
    assert sheet.sha256 == sha256(token.encode()).hexdigest()
    kept = [getattr(sheet, name) for name in ProofSheet.__table__.c.keys()]  # noqa: SIM118
    assert token not in map(str, kept)
    assert len(token) >= 43


def test_a_guest_sees_no_prompt_unless_that_was_chosen(context: Flask) -> None:
    _, hidden, _ = shared(SECRET)
    assert SECRET not in repr(open_sheet(hidden))
    _, token, _ = shared(SECRET, prompts=True)
    assert [each.prompt for each in open_sheet(token).pictures] == [SECRET]


def test_marks_are_kept_and_only_what_was_said_changes(context: Flask) -> None:
    sheet_id, token, _ = shared()
    assert save_marks(token, {1: Mark(True, " Lovely\r\n"), 3: Mark(picked=True)}) == 2
    assert save_marks(token, {1: Mark(picked=False), 2: Mark(word="Crop it")}, " Ann ") == 1
    db.session.rollback()
    sheet = open_sheet(token)
    assert [(each.picked, each.word) for each in sheet.pictures] == [
        (False, "Lovely"),
        (False, "Crop it"),
        (True, None),
    ]
    assert (sheet.guest, sheet.picks) == ("Ann", 1)
    view = get_view(sheet_id)
    assert (view.pictures, view.picks, view.words) == (3, 1, 2)
    assert view.sheet.answered_at


def test_an_empty_word_or_name_takes_it_away(context: Flask) -> None:
    _, token, _ = shared("A fox")
    save_marks(token, {1: Mark(word="Crop it")}, "Ann")
    save_marks(token, {1: Mark(word=" ")}, "")
    sheet = open_sheet(token)
    assert (sheet.pictures[0].word, sheet.guest) == (None, None)


@pytest.mark.parametrize("word", ["x" * 501, "nul \0", "half \ud800"])
def test_a_word_that_cannot_be_kept_keeps_nothing(context: Flask, word: str) -> None:
    _, token, _ = shared()
    with pytest.raises(InvalidInput) as caught:
        save_marks(token, {1: Mark(True), 2: Mark(word=word)})
    assert caught.value.field == "word-2"
    assert open_sheet(token).picks == 0


@pytest.mark.parametrize("number", [0, 4, 10**30])
def test_a_number_that_is_not_on_the_sheet_keeps_nothing(context: Flask, number: int) -> None:
    _, token, _ = shared()
    with pytest.raises(NotFound):
        save_marks(token, {1: Mark(True), number: Mark(True)})
    assert open_sheet(token).picks == 0
    with pytest.raises(NotFound):
        small_of(token, number)


def test_an_unknown_token_is_not_found(context: Flask) -> None:
    shared()
    for token in ("", "x", "\ud800", "0" * 64):
        with pytest.raises(NotFound):
            open_sheet(token)


def test_a_link_ends_with_its_time_or_when_it_is_revoked(context: Flask) -> None:
    late, token, _ = shared()
    end(late)
    revoked, other, _ = shared()
    revoke_sheet(revoked)
    revoke_sheet(revoked)
    for each in (token, other):
        for use in (open_sheet, lambda each: save_marks(each, {}), lambda each: small_of(each, 1)):
            with pytest.raises(Gone):
                use(each)
    assert [view.state for view in list_sheets(None, 9).items] == ["revoked", "expired"]


def test_an_ended_link_can_be_prolonged_and_a_revoked_one_cannot(context: Flask) -> None:
    sheet_id, token, _ = shared()
    end(sheet_id)
    extend_sheet(sheet_id, 3)
    assert open_sheet(token).expires_at > utc_now() + timedelta(days=2)
    revoke_sheet(sheet_id)
    for change in (lambda: extend_sheet(sheet_id, 3), lambda: renew_link(sheet_id)):
        with pytest.raises(Conflict):
            change()


def test_a_new_link_takes_the_place_of_the_one_before(context: Flask) -> None:
    sheet_id, token, _ = shared()
    new = renew_link(sheet_id)
    assert open_sheet(new).title == "Animals"
    with pytest.raises(NotFound):
        open_sheet(token)


def test_a_deleted_image_is_off_the_sheet_until_it_is_restored(context: Flask) -> None:
    sheet_id, token, ids = shared()
    save_marks(token, {2: Mark(True, "Yes")})
    change_images([ids[1]], marks.delete())
    assert [each.number for each in open_sheet(token).pictures] == [1, 3]
    view = get_view(sheet_id)
    assert (view.pictures, view.picks, view.words) == (2, 0, 0)
    for picture_of in (small_of, large_of):
        with pytest.raises(NotFound):
            picture_of(token, 2)
    change_images([ids[1]], marks.restore())
    assert open_sheet(token).picks == 1


def test_a_purged_image_leaves_the_sheet_and_the_other_numbers(context: Flask) -> None:
    _, token, ids = shared()
    change_images([ids[0]], marks.delete())
    purge_images([ids[0]], forget=True)
    assert [each.number for each in open_sheet(token).pictures] == [2, 3]
    assert db.session.scalar(select(func.count()).select_from(ProofSheetImage)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"ids": []}, "ids"),
        ({"ids": range(1, MOST_PICTURES + 2)}, "ids"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"greeting": "x" * 2001}, "greeting"),
    ],
)
@ON_SQLITE
def test_a_sheet_that_cannot_be_is_not_made(
    context: Flask, changes: dict[str, Any], field: str
) -> None:
    given = {"title": "Animals", "ids": [kept_image().id], **changes}
    with pytest.raises(InvalidInput) as caught:
        make_sheet(NewSheet(**given))
    assert caught.value.field == field
    assert list_sheets(None, 9).items == []


def test_an_image_that_is_not_there_is_not_shared(context: Flask) -> None:
    with pytest.raises(NotFound):
        make_sheet(NewSheet("Animals", [kept_image().id, 10**12]))
    assert list_sheets(None, 9).items == []


def test_sheets_are_listed_newest_first_and_go_on_by_cursor(context: Flask) -> None:
    image_id = kept_image().id
    key = ApiKey(name="Ann", prefix="ps_", sha256="0" * 64, role="creator")
    db.session.add(key)
    db.session.commit()
    made = [make_sheet(NewSheet(str(number), [image_id]), key.id)[0] for number in range(5)]
    first = list_sheets(None, 2)
    assert [view.sheet.id for view in first.items] == made[:2:-1]
    assert first.items[0].sheet.api_key
    assert first.items[0].sheet.api_key.name == "Ann"
    last = list_sheets(Cursor(made[2]), 2)
    assert [view.sheet.id for view in last.items] == [made[1], made[0]]
    assert last.after is None
    assert last.before
    back = list_sheets(last.before, 9)
    assert [view.sheet.id for view in back.items] == made[:1:-1]


def test_what_was_picked_is_a_filter_of_the_history(context: Flask) -> None:
    sheet_id, token, ids = shared()
    other, its_token, _ = shared("A wolf")
    alone = kept_image("A bear").id
    wolf = alone - 1
    save_marks(token, {1: Mark(True), 3: Mark(True)})
    save_marks(its_token, {1: Mark(True)})
    assert found(sheet=sheet_id) == ids
    assert found(sheet=sheet_id, picked=True) == [ids[0], ids[2]]
    assert found(sheet=sheet_id, picked=False) == [ids[1]]
    assert found(sheet=other, picked=True) == [wolf]
    assert found(picked=True) == [ids[0], ids[2], wolf]
    assert found(picked=False) == [ids[1], alone]
    assert found(sheet=sheet_id, picked=True, q="owl") == [ids[2]]
    assert count(ImageFilter(sheet=sheet_id, picked=True)) == (2, False)


@ON_SQLITE
def test_a_sheets_pictures_are_looked_up_and_not_met_on_a_walk(context: Flask) -> None:
    wanted = ImageFilter(sheet=1, picked=True)
    query = wanted.order(wanted.apply(select(Image.id))).limit(60)
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
    assert "SEARCH images USING INTEGER PRIMARY KEY" in plan[0].detail


def test_a_pick_changes_what_lists_of_images_are_kept_under(context: Flask) -> None:
    before = history_revision.current()
    _, token, _ = shared("A fox")
    shown = history_revision.current()
    save_marks(token, {1: Mark(True)})
    picked = history_revision.current()
    save_marks(token, {1: Mark(True)})
    assert before < shown < picked == history_revision.current()


def test_a_kept_search_knows_of_sheets(context: Flask) -> None:
    wanted = ImageFilter(sheet=7, picked=True)
    assert filter_of(query_of(wanted)) == wanted


def test_the_pictures_of_a_guest_tell_nothing_but_pixels(context: Flask) -> None:
    from PIL.PngImagePlugin import PngInfo  # which writes what a file may say

    text = PngInfo()
    text.add_text("parameters", SECRET)
    data = picture("PNG", (2000, 1000), pnginfo=text)
    assert SECRET.encode() in data
    image_id = kept_image(SECRET, data).id
    _, token = make_sheet(NewSheet("Foxes", [image_id], downloads=True))
    small, large, whole = (of(token, 1) for of in (small_of, large_of, original_of))
    assert [opened(each.read()).size for each in (small, large, whole)] == [
        (640, 320),
        (1600, 800),
        (2000, 1000),
    ]
    for each in (small, large, whole):
        assert SECRET.encode() not in each.read()
    assert [each.name for each in (small, whole)] == ["foxes-1.webp", "foxes-1.png"]


def test_an_original_is_given_as_it_is_only_where_both_were_chosen(context: Flask) -> None:
    data = picture("JPEG", (80, 40))
    image_id = kept_image("A fox", data).id
    _, token = make_sheet(NewSheet("Foxes", [image_id], prompts=True, downloads=True))
    assert original_of(token, 1).read() == data
    _, token = make_sheet(NewSheet("Foxes", [image_id], prompts=True))
    with pytest.raises(NotFound):
        original_of(token, 1)


def test_guests_who_mark_at_once_lose_nothing(context: Flask) -> None:
    _, token, _ = shared(*(f"Fox {number}" for number in range(6)))
    db.session.remove()

    def mark(number: int) -> None:
        with context.app_context():
            save_marks(token, {number: Mark(picked=True)})
            save_marks(token, {number: Mark(word=f"Word {number}")})

    with ThreadPoolExecutor(6) as guests:
        list(guests.map(mark, range(1, 7)))
    assert [(each.picked, each.word) for each in open_sheet(token).pictures] == [
        (True, f"Word {number}") for number in range(1, 7)
    ]


def test_a_full_sheet_is_read_and_marked_in_few_statements(
    context: Flask, statements: list[str]
) -> None:
    many_images([utc_now() + timedelta(seconds=each) for each in range(MOST_PICTURES)])
    ids = list(matching_ids(ImageFilter()))
    _, token = make_sheet(NewSheet("All", ids))
    statements.clear()
    assert len(open_sheet(token).pictures) == MOST_PICTURES
    assert len(statements) <= 3
    statements.clear()
    save_marks(token, {number: Mark(True, "Yes") for number in range(1, MOST_PICTURES + 1)})
    assert len(statements) <= 8
