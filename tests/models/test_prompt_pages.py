"""Past prompts in pages: each once, in both orders, with what is there of their images now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.errors import InvalidInput
from app.extensions import db
from app.models import prompt_row
from app.models.cursor import Cursor
from app.models.image_filter import ImageFilter
from app.models.image_pages import numbered_page
from app.models.prompt_book import use_many
from app.models.prompt_pages import PromptFilter, prompts_of
from app.models.prompt_row import NewestImage
from tests.models.samples import ON_SQLITE, deleted_image, kept_image, many_images

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NEWEST_FIRST = [f"{'An owl' if number % 3 else 'A fox'} {number}" for number in range(40)]


@pytest.fixture
def prompts(context: Flask) -> list[tuple[int, str]]:
    """Return forty prompts as (uses, words), the one used last first; every third is of a fox."""
    uses = [(words, NOON - number * SECOND) for number, words in enumerate(NEWEST_FIRST)]
    more = [each for number, each in enumerate(uses) for _ in range(number * 7 % 4)]
    use_many([*uses, *more])
    db.session.commit()
    return [(1 + number * 7 % 4, words) for number, words in enumerate(NEWEST_FIRST)]


def texts(wanted: PromptFilter, cursor: Cursor | None = None, limit: int = 7) -> list[str]:
    return [row.text for row in prompts_of(wanted, cursor, limit).items]


@pytest.mark.parametrize("q", [None, "fox", "ow", '"an owl" -8', "zebra", "!"])
@pytest.mark.parametrize("sort", ["recent", "uses"])
def test_the_slices_together_are_everything_in_order_and_back(
    prompts: list[tuple[int, str]], q: str | None, sort: str
) -> None:
    beginnings = {"fox": "A fox", "ow": "An owl", '"an owl" -8': "An owl", "zebra": "A zebra"}
    expected = [
        (uses, words)
        for uses, words in prompts
        if words.startswith(beginnings.get(q or "", ""))
        and not (q and "-8" in q and words[7:] == "8")
    ]
    if sort == "uses":
        expected.sort(key=lambda each: -each[0])
    wanted = PromptFilter(q, "uses" if sort == "uses" else "recent")
    slices = [prompts_of(wanted, None, 7)]
    while slices[-1].after:
        slices.append(prompts_of(wanted, slices[-1].after, 7))
    assert [(row.uses, row.text) for each in slices for row in each.items] == expected
    back = [slices[-1]]
    while back[0].before:
        back.insert(0, prompts_of(wanted, back[0].before, 7))
    assert [(row.uses, row.text) for each in back for row in each.items] == expected


@pytest.mark.parametrize("wanted", [PromptFilter(), PromptFilter(sort="uses"), PromptFilter("o")])
def test_a_prompt_used_meanwhile_moves_to_the_front_and_no_other_one_moves(
    prompts: list[tuple[int, str]], wanted: PromptFilter
) -> None:
    everything = texts(wanted, limit=40)
    first = prompts_of(wanted, None, 5)
    moved = everything[4]  # the very one of the cursor
    use_many([(moved, NOON + SECOND)] * 9)
    assert texts(wanted)[0] == moved
    assert texts(wanted, first.after, 40) == everything[5:]


def test_a_prompt_tells_of_its_images_that_are_not_deleted(context: Flask) -> None:
    first, second = kept_image("A fox"), kept_image("a FOX")
    third = deleted_image("A fox")
    for starred in (second, third):
        starred.favourite = True
    other = kept_image("An owl")
    db.session.commit()
    owl, fox = prompts_of(PromptFilter(), None, 9).items
    assert (fox.text, fox.uses, fox.images, fox.favourites) == ("A fox", 3, 2, 1)
    assert (fox.first_used_at, fox.last_used_at) == (first.created_at, third.created_at)
    assert fox.newest == NewestImage(second.id, second.sha256)
    assert (owl.images, owl.favourites) == (1, 0)
    assert owl.newest == NewestImage(other.id, other.sha256)


def test_the_newest_image_of_prompts_is_one_that_is_not_deleted(context: Flask) -> None:
    kept_image("A fox")
    newest = kept_image("a FOX")
    deleted_image("A fox")
    gone = deleted_image("An owl")
    wanted = [newest.prompt_id, gone.prompt_id, 99]
    expected = {newest.prompt_id: NewestImage(newest.id, newest.sha256)}
    assert prompt_row.newest_of(filter(None, wanted)) == expected


def test_a_prompt_without_images_is_told_all_the_same(prompts: list[tuple[int, str]]) -> None:
    [row] = prompts_of(PromptFilter(), None, 1).items
    assert (row.images, row.favourites, row.newest) == (0, 0, None)


def test_images_of_a_prompt_are_counted_up_to_a_cap(context: Flask) -> None:
    [prompt_id] = use_many([("A fox", NOON)])
    number = prompt_row.IMAGES_CAP + 3
    many_images([NOON + n * SECOND for n in range(number)], prompt_id=prompt_id, favourite=True)
    [row] = prompts_of(PromptFilter(), None, 9).items
    assert (row.images, row.favourites) == (prompt_row.IMAGES_CAP, prompt_row.IMAGES_CAP)


@pytest.mark.parametrize(
    "wanted",
    [PromptFilter(), PromptFilter(sort="uses"), PromptFilter("fox"), PromptFilter("fox", "uses")],
)
def test_a_page_takes_few_statements(
    prompts: list[tuple[int, str]], statements: list[str], wanted: PromptFilter
) -> None:
    for _ in range(12):
        kept_image("A fox 0")
    statements.clear()
    prompts_of(wanted, None, 10)
    assert len(statements) <= 5


def test_the_images_of_a_prompt_are_those_of_all_its_wordings(context: Flask) -> None:
    first, second = kept_image("A fox"), kept_image(" a  FOX")
    kept_image("A fox, running")
    second.favourite = True
    db.session.commit()
    wanted = ImageFilter(prompt_id=first.prompt_id)
    assert [row.id for row in numbered_page(wanted, 1, 9)] == [second.id, first.id]
    starred = ImageFilter(prompt_id=first.prompt_id, favourite=True, q="fox")
    assert [row.id for row in numbered_page(starred, 1, 9)] == [second.id]


@ON_SQLITE
def test_a_cursor_of_one_list_is_none_of_another(prompts: list[tuple[int, str]]) -> None:
    text = Cursor(5, rank=3).encode(PromptFilter(sort="uses"))
    assert Cursor.decode(text, PromptFilter(sort="uses")) == Cursor(5, rank=3)
    for other in (PromptFilter(), PromptFilter("fox", "uses"), ImageFilter()):
        with pytest.raises(InvalidInput, match="another filter"):
            Cursor.decode(text, other)


@ON_SQLITE
@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_of_no_such_size_is_refused(context: Flask, limit: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 100"):
        prompts_of(PromptFilter(), None, limit)
