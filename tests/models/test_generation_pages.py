"""Generations in pages: all of them in the order of their time, both ways, by every filter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert
from ulid import ULID

from app.errors import InvalidInput
from app.extensions import db
from app.models import ApiKey, Generation, Role, Status
from app.models.cursor import Cursor
from app.models.generation import new_id
from app.models.generation_pages import GenerationFilter, generations_of, images_of
from app.models.prompt_book import use_many
from tests.models.samples import ON_SQLITE, generation, kept_image

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
COUNT = 30


@pytest.fixture
def ids(context: Flask) -> list[str]:
    """Return the ids of thirty generations, a second between them, the newest first."""
    for number in (5, 6):
        key = {"prefix": "ps_", "sha256": f"{number:064}", "role": Role.CREATOR}
        # A name is free again once its key is revoked.
        db.session.add(ApiKey(id=number, name="Ada", revoked_at=[NOON, None][number - 5], **key))
    db.session.flush()
    times = [NOON - number * SECOND for number in range(COUNT)]
    prompts = use_many((words(number), at) for number, at in enumerate(times))
    rows = [
        {
            "id": new_id(at),
            "created_at": at,
            "prompt": words(number),
            "prompt_id": prompts[number],
            "final_prompt": "x",
            "status": Status.FAILED if number % 5 == 0 else Status.SUCCEEDED,
            "provider": "gemini" if number % 2 else "sketch",
            "model": "sketch-1" if number % 3 else "sketch-2",
            "project": "acme" if number % 4 == 0 else None,
            "template": "oil" if number % 6 == 0 else None,
            "api_key_id": 5 + number % 2 if number % 7 == 0 else None,
            "aspect_ratio": "1:1",
            "size": "1K",
            "variables": {},
        }
        for number, at in enumerate(times)
    ]
    db.session.execute(insert(Generation), rows)
    db.session.commit()
    return [str(row["id"]) for row in rows]


def words(number: int) -> str:
    return "A Fox" if number % 8 == 0 else "a fox"


def shown(wanted: GenerationFilter, cursor: Cursor | None = None, limit: int = 100) -> list[str]:
    return [row.id for row in generations_of(wanted, cursor, limit).items]


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({}, lambda _: True),
    ({"status": Status.FAILED}, lambda number: number % 5 == 0),
    ({"provider": "gemini"}, lambda number: number % 2),
    ({"model": "sketch-2"}, lambda number: number % 3 == 0),
    ({"project": "acme"}, lambda number: number % 4 == 0),
    ({"template": "oil"}, lambda number: number % 6 == 0),
    ({"by": "Ada"}, lambda number: number % 7 == 0),
    ({"by": "nobody"}, lambda _: False),
    ({"prompt": "A Fox"}, lambda number: number % 8 == 0),
    ({"prompt": "A"}, lambda _: False),
    ({"provider": "gemini", "project": "acme"}, lambda _: False),
    ({"provider": "gemini", "model": "sketch-2"}, lambda number: number % 6 == 3),
    ({"provider": "gemini", "by": "Ada"}, lambda number: number % 14 == 7),
    ({"model": "sketch-2", "by": "Ada"}, lambda number: number % 21 == 0),
    ({"since": NOON - 3 * SECOND}, lambda number: number <= 3),
    ({"until": NOON - 3 * SECOND}, lambda number: number > 3),
    (
        {"since": NOON - 9 * SECOND, "until": NOON, "status": Status.FAILED},
        lambda number: number == 5,
    ),
]


@pytest.mark.parametrize(("given", "holds"), FILTERS, ids=[str(given) for given, _ in FILTERS])
def test_the_slices_together_are_all_that_a_filter_means_and_back(
    ids: list[str], given: dict[str, Any], holds: Any
) -> None:
    wanted = GenerationFilter(**given)
    expected = [each for number, each in enumerate(ids) if holds(number)]
    assert shown(wanted) == expected
    slices = [generations_of(wanted, None, 4)]
    while slices[-1].after:
        slices.append(generations_of(wanted, slices[-1].after, 4))
    assert [row.id for each in slices for row in each.items] == expected
    assert slices[0].before is None
    back = [slices[-1]]
    while back[0].before:
        back.insert(0, generations_of(wanted, back[0].before, 4))
    assert [row.id for each in back for row in each.items] == expected


def test_a_past_prompt_is_all_of_its_wordings(ids: list[str]) -> None:
    row = db.session.get(Generation, ids[0])
    assert row is not None
    assert shown(GenerationFilter(prompt_id=row.prompt_id)) == ids
    assert shown(GenerationFilter(prompt_id=(row.prompt_id or 0) + 1)) == []


@ON_SQLITE
def test_a_cursor_is_a_text_that_leads_back_to_its_place(ids: list[str]) -> None:
    wanted = GenerationFilter()
    after = generations_of(wanted, None, 4).after
    assert after is not None
    again = Cursor.decode(after.encode(wanted), wanted)
    assert shown(wanted, again, 2) == ids[4:6]


@ON_SQLITE
def test_ids_of_one_moment_keep_their_order(context: Flask) -> None:
    bits = [0, 1, 2**63 - 1, 2**63, 2**64 - 1, 2**79, 2**80 - 1]
    time = int(NOON.timestamp() * 1000) << 80
    made = [generation(id=str(ULID.from_int(time + each)), created_at=NOON).id for each in bits]
    wanted = GenerationFilter(since=NOON, until=NOON + SECOND)
    found, cursor = [], None
    while True:
        piece = generations_of(wanted, cursor, 1)
        found += [row.id for row in piece.items]
        cursor = piece.after
        if cursor is None:
            break
    assert found == made[::-1]


@ON_SQLITE
def test_one_whose_id_is_a_little_late_is_where_its_time_says(context: Flask) -> None:
    late = generation(id=new_id(NOON + 20 * SECOND), created_at=NOON).id
    assert shown(GenerationFilter(until=NOON + SECOND)) == [late]
    assert shown(GenerationFilter(since=NOON + SECOND)) == []


@ON_SQLITE
@pytest.mark.parametrize("limit", [0, 101])
def test_a_slice_that_cannot_be_is_refused(context: Flask, limit: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 100"):
        generations_of(GenerationFilter(), None, limit)


@ON_SQLITE
def test_a_place_that_no_id_has_is_refused(context: Flask) -> None:
    with pytest.raises(InvalidInput, match="no cursor"):
        generations_of(GenerationFilter(), Cursor(0, rank=-1), 1)


def test_images_of_many_come_in_one_query_and_in_order(
    context: Flask, statements: list[str]
) -> None:
    first, second, third = (generation(n=2).id for _ in range(3))
    made = [
        (each, kept_image(generation_id=each, ordinal=ordinal).id)
        for each, ordinal in ((second, 1), (first, 0), (second, 0))
    ]
    db.session.expunge_all()
    db.session.rollback()
    statements.clear()
    rows = generations_of(GenerationFilter(), None, 10).items
    found = images_of(rows)
    assert len(statements) == 2
    assert {row.id for row in rows} == {first, second, third}
    images = {key: [row.id for row in each] for key, each in found.items()}
    assert images == {first: [made[1][1]], second: [made[2][1], made[0][1]]}
    assert images_of([]) == {}
