"""Past prompts are booked once each, in the transaction of what they were used for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Generation, Image, PastPrompt, PromptText
from app.models.image_filter import position_of
from app.models.past_prompt import prompt_index, prompt_key
from app.models.prompt_book import forget, use, use_many
from app.models.search import normalise, parse
from app.services.image_generator_service import GenerationRequest, ImageGeneratorService
from tests.models.samples import kept_image

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def prompts() -> list[PastPrompt]:
    """Return every prompt, the one used last first, after checking that their index agrees."""
    db.session.expire_all()
    rows = list(db.session.scalars(select(PastPrompt).order_by(PastPrompt.position.desc())))
    texts = dict(db.session.execute(select(PromptText.position, PromptText.text)).all())
    assert texts == {row.position: normalise(row.text) for row in rows}
    for row in rows[:: len(rows) // 20 + 1]:  # of many some, the newest among them
        assert row.position in prompt_index.find(parse(f'"{row.text}"'), limit=50).positions
    return rows


def test_wordings_that_differ_in_case_and_white_space_are_one(context: Flask) -> None:
    ids = {use(words, NOON) for words in ("A red  fox", "a RED fox", " A\nred fox ")}
    other = use("a red, fox", NOON)
    [last, row] = prompts()
    assert ids == {row.id}
    assert (last.id, row.uses) == (other, 3)


@pytest.mark.parametrize(("one", "other"), [("Straße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος")])
def test_case_is_folded_in_any_script(one: str, other: str) -> None:
    assert prompt_key(one) == prompt_key(other)


def test_the_wording_and_the_times_are_those_of_the_uses(context: Flask) -> None:
    for seconds, words in ((1, "A fox"), (3, "a FOX"), (2, "a fox")):
        use(words, NOON + seconds * SECOND)
    [row] = prompts()
    assert (row.text, row.uses, row.beginning) == ("a FOX", 3, "a fox")
    assert (row.first_used_at, row.last_used_at) == (NOON + SECOND, NOON + 3 * SECOND)
    assert row.position == position_of(row.last_used_at)


def test_an_older_use_widens_the_times_and_moves_nothing(context: Flask) -> None:
    use("A fox", NOON)
    use("a fox", NOON - SECOND)
    [row] = prompts()
    assert (row.text, row.uses, row.position) == ("A fox", 2, position_of(NOON))
    assert (row.first_used_at, row.last_used_at) == (NOON - SECOND, NOON)


def test_a_prompt_used_again_is_the_newest_and_found_where_it_is_now(context: Flask) -> None:
    use_many([("A fox", NOON), ("An owl", NOON + SECOND)])
    use("A fox", NOON + 2 * SECOND)
    assert [row.text for row in prompts()] == ["A fox", "An owl"]


def test_uses_at_one_moment_take_the_next_free_places(context: Flask) -> None:
    use("Later", NOON + timedelta(microseconds=2))
    for words in ("One", "Two", "Three"):
        use(words, NOON)
    places = {row.text: row.position - position_of(NOON) for row in prompts()}
    assert places == {"One": 0, "Two": 1, "Later": 2, "Three": 3}


def test_many_are_booked_as_one_by_one_are(context: Flask) -> None:
    uses = [(f"Fox {number % 700}", NOON + number // 3 * SECOND) for number in range(1_100)]
    ids = use_many(uses)
    assert ids == use_many(uses)
    rows = {row.id: row for row in prompts()}
    assert [rows[each].text for each in ids] == [words for words, _ in uses]
    assert {row.uses for row in rows.values()} == {2, 4}
    positions = sorted(row.position for row in rows.values())
    assert all(a < b for a, b in pairwise(positions))
    assert all(row.position >= position_of(row.last_used_at) for row in rows.values())


def test_a_full_stretch_of_places_is_passed_in_few_statements(
    context: Flask, statements: list[str]
) -> None:
    use_many((f"Fox {number}", NOON) for number in range(900))
    statements.clear()
    use_many((f"Owl {number}", NOON) for number in range(400))
    assert len(statements) <= 10
    assert len({row.position for row in prompts()}) == 1_300


def test_nothing_is_booked_of_nothing(context: Flask) -> None:
    assert use_many([]) == []
    assert prompts() == []


def test_what_is_rolled_back_was_never_used(context: Flask) -> None:
    use("A fox", NOON)
    db.session.rollback()
    assert prompts() == []


def test_transactions_that_use_the_same_prompts_at_once_all_count(app: Flask) -> None:
    words = [f"Fox {number}" for number in range(20)]

    def book(turn: int) -> None:
        with app.app_context():
            use_many((each, NOON) for each in (words if turn % 2 else reversed(words)))
            use("A fox of all", NOON)
            db.session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(book, range(12)))
    with app.app_context():
        assert {row.uses for row in prompts()} == {12}
        assert len(prompts()) == 21


def test_a_generation_is_one_use_of_the_users_own_words(context: Flask) -> None:
    service = ImageGeneratorService()
    service.prompt_manager.save_template("poster", "a large poster of {user_input}")
    db.session.commit()
    made = service.generate(GenerationRequest("An owl", n=2, size="512", template="poster"))
    [row] = prompts()
    assert (row.text, row.uses, row.first_used_at) == ("An owl", 1, made.created_at)
    assert {made.prompt_id, *(image.prompt_id for image in made.images)} == {row.id}


def test_a_picture_without_a_generation_is_a_use(context: Flask) -> None:
    first, second = kept_image("A fox"), kept_image("a fox ")
    [row] = prompts()
    assert (row.uses, row.text, row.last_used_at) == (2, "a fox", second.created_at)
    assert first.prompt_id == second.prompt_id == row.id


def test_what_is_forgotten_leaves_no_words_and_nothing_that_points_at_it(context: Flask) -> None:
    made = ImageGeneratorService().generate(GenerationRequest("A fox", size="512"))
    owl = kept_image("An owl")
    kept = owl.prompt_id
    assert forget([made.prompt_id or 0, 999]) == 1
    prompt_index.rebuild()
    db.session.commit()
    assert [row.text for row in prompts()] == ["An owl"]
    assert prompt_index.find(parse("fox"), limit=9).positions == []
    assert list(db.session.scalars(select(Generation.prompt_id))) == [None]
    assert list(db.session.scalars(select(Image.prompt_id).order_by(Image.id))) == [None, kept]


def test_an_id_is_never_given_again(context: Flask) -> None:
    first = use("A fox", NOON)
    forget([first])
    db.session.commit()
    assert use("A fox", NOON) > first
