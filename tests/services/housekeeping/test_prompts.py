"""Words that are forgotten by their age, each row's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.errors import Conflict
from app.extensions import db
from app.models import Generation, Image, PastPrompt, Status, history_revision, search_index
from app.models.forgetting import FORGOTTEN
from app.models.generation import new_id
from app.models.image_filter import ImageFilter, position_of
from app.models.image_manager import ImageManager
from app.models.old_words import AT_ONCE
from app.models.past_prompt import prompt_index
from app.models.search import parse
from app.models.types import utc_now
from app.services.generation_changes import retry_generation
from app.services.housekeeping.prompts import PROMPTS
from tests.models.samples import generation, kept_image

DAYS = 30
OLD, YOUNG = timedelta(days=DAYS, minutes=5), timedelta(days=DAYS, minutes=-5)


@pytest.fixture
def forgetful(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An app that forgets words after thirty days, its context pushed."""
    with make_app(forget_prompts_days=DAYS).app_context() as context:
        yield context.app


def asked(words: str, age: timedelta, **columns: Any) -> Generation:
    """Commit a generation of some time ago that ended."""
    moment = utc_now() - age
    given = {"status": Status.SUCCEEDED, "cost_microusd": 7, "done": 1, **columns}
    return generation(
        id=new_id(moment),
        created_at=moment,
        prompt=words,
        final_prompt=f"{words}, painted",
        **given,
    )


def made(words: str, age: timedelta, **details: Any) -> Image:
    """Commit an image of some time ago."""
    image = kept_image(words, **details)
    search_index.remove([image.position])
    image.created_at = utc_now() - age
    image.position = position_of(image.created_at)
    db.session.flush()
    search_index.add(image.position, words)
    db.session.commit()
    return image


def forget() -> int:
    """Run the task to its end; return how many rows lost their words."""
    counted = PROMPTS.count()
    forgotten, finished = PROMPTS.run(math.inf)
    assert finished
    assert PROMPTS.count() == 0
    assert forgotten == counted
    db.session.expire_all()
    return forgotten


def test_the_words_go_and_the_record_the_cost_and_the_picture_stay(forgetful: Flask) -> None:
    row = asked(
        "A fox",
        OLD,
        variables={"mood": "red"},
        error_code="content_blocked",
        error_message="No fox",
        given_up={"0": {"error_message": "No fox"}},
    )
    image = made("A fox, painted", OLD, generation_id=row.id, ordinal=0, tags=("red",))
    data = image.blob.data
    revision = history_revision.current()
    assert forget() == 3
    assert (row.prompt, row.final_prompt, row.variables) == (FORGOTTEN, FORGOTTEN, {})
    assert (row.error_code, row.error_message, row.error_reason) == (
        "content_blocked",
        FORGOTTEN,
        None,
    )
    assert (row.given_up, row.prompt_id, row.cost_microusd, row.done) == (None, None, 7, 1)
    assert (image.prompt, image.prompt_id, image.blob.data) == (FORGOTTEN, None, data)
    assert (list(image.tags), image.revision) == (["red"], 2)
    assert db.session.scalars(select(PastPrompt)).all() == []
    assert search_index.find(parse("fox"), limit=9).positions == []
    assert prompt_index.find(parse("fox"), limit=9).positions == []
    assert history_revision.current() > revision
    assert forget() == 0


def test_what_is_younger_keeps_its_words_though_they_are_the_same(forgetful: Flask) -> None:
    old, young = asked("A fox", OLD), asked("a FOX", YOUNG)
    image = made("A fox", YOUNG)
    assert forget() == 1
    assert (old.prompt, old.prompt_id) == (FORGOTTEN, None)
    assert (young.prompt, image.prompt) == ("a FOX", "A fox")
    [prompt] = db.session.scalars(select(PastPrompt))
    assert young.prompt_id == prompt.id
    assert search_index.find(parse("fox"), limit=9).positions == [image.position]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_what_goes_on_keeps_its_words_until_it_has_ended(forgetful: Flask, status: Status) -> None:
    row = asked("A fox", OLD, status=status)
    assert forget() == 0
    assert row.prompt_id is not None
    row.status = Status.FAILED
    db.session.commit()
    assert forget() == 2
    assert row.final_prompt == FORGOTTEN
    with pytest.raises(Conflict, match="erased"):
        retry_generation(row.id)


def test_more_than_one_step_holds_are_all_forgotten(forgetful: Flask) -> None:
    row = asked("A fox", OLD)
    columns = {name: getattr(row, name) for name in Generation.__table__.columns.keys()}  # noqa: SIM118
    moment = row.created_at - timedelta(days=1)
    more = [{**columns, "id": new_id(moment), "prompt_id": None} for _ in range(AT_ONCE + 5)]
    db.session.execute(insert(Generation), more)
    db.session.commit()
    assert forget() == len(more) + 2
    assert set(db.session.scalars(select(Generation.prompt))) == {FORGOTTEN}


def test_what_has_lost_its_words_is_still_found_by_its_model(forgetful: Flask) -> None:
    image = made("A fox", OLD, model="m", source="upload")
    assert forget() == 1
    found = ImageManager().page(ImageFilter(q="-owl", model="m"))
    assert [(each.id, each.prompt) for each in found] == [(image.id, FORGOTTEN)]
    assert not ImageManager().page(ImageFilter(q="fox", model="m"))
