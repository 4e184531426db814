"""Pictures as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask, Response
from sqlalchemy import update

from app.compat.openai import streaming
from app.compat.openai.answers import Wanted
from app.compat.openai.streaming import stream
from app.extensions import db
from app.models import Generation
from app.services.marks import change_image, delete
from app.services.waiting import Place
from tests.models.samples import ON_SQLITE, generation, kept_image

HELD = ExitStack()


def streamed(generation_id: str, held: ExitStack = HELD, place: Place | None = None) -> Response:
    return stream(place or Place(), held, generation_id, Wanted(stream=True), "image_generation")


def texts(response: Response) -> Iterator[str]:
    """Yield each event or comment, as soon as it is there."""
    for text in response.response:
        assert isinstance(text, str)
        assert text.endswith("\n\n")
        yield text


class Clock(Place):
    """A place at which nobody waits: each look moves a clock on by as much as it might take."""

    now = 0.0

    def wait_unless_put_off(self, generation_id: str, seconds: float) -> bool:
        """Find that nothing has ended."""
        self.now += seconds
        return False

    def monotonic(self) -> float:
        """Return the seconds since nothing."""
        return self.now


def events(response: Response) -> Iterator[dict[str, Any]]:
    """Yield what each event says, as soon as it is there."""
    told = (text for text in texts(response) if not text.startswith(":"))
    return (json.loads(text.partition("data: ")[2]) for text in told)


def end(generation_id: str, **columns: Any) -> None:
    db.session.execute(update(Generation).filter_by(id=generation_id).values(columns))
    db.session.commit()


def running(**columns: Any) -> str:
    """Return the id of a generation that somebody draws, who has kept the first picture."""
    generation_id = generation(status="running", n=2, job="somebody", **columns).id
    kept_image(generation_id=generation_id, ordinal=0)
    return generation_id


def test_each_picture_is_told_of_while_the_others_are_drawn(context: Flask) -> None:
    generation_id = running()
    told = events(streamed(generation_id))
    first = next(told)
    assert (first["type"], first["generation"]) == ("image_generation.completed", generation_id)
    later = kept_image(generation_id=generation_id, ordinal=1).id
    end(generation_id, status="succeeded")
    assert [each["id"] for each in told] == [later]


def test_between_events_no_connection_is_held(context: Flask) -> None:
    told = events(streamed(running()))
    db.session.remove()
    next(told)
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@ON_SQLITE
def test_something_is_told_before_anything_is_drawn(context: Flask) -> None:
    assert next(texts(streamed(generation(job="nobody").id))).startswith(":")


@ON_SQLITE
def test_what_ends_without_the_rest_ends_with_the_reason(context: Flask) -> None:
    generation_id = running()
    told = events(streamed(generation_id))
    assert next(told)["type"] == "image_generation.completed"
    end(generation_id, status="succeeded", error_code="content_blocked", error_message="No.")
    [error] = told
    assert (error["type"], error["error"]["code"]) == ("error", "moderation_blocked")
    assert error["error"]["message"] == "There are 1 of 2 pictures: No."


@ON_SQLITE
def test_pictures_that_were_deleted_are_told_to_be_gone(context: Flask) -> None:
    generation_id = running()
    change_image(kept_image(generation_id=generation_id, ordinal=1).id, delete())
    end(generation_id, status="succeeded")
    first, error = events(streamed(generation_id))
    assert first["type"] == "image_generation.completed"
    assert (error["type"], error["error"]["code"]) == ("error", "gone")


@ON_SQLITE
def test_what_is_cancelled_ends_with_an_error(context: Flask) -> None:
    [error] = events(streamed(generation(status="cancelled").id))
    assert error["error"]["code"] == "cancelled"


@ON_SQLITE
def test_nothing_is_told_again_and_again_until_nobody_waits_so_long(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Clock()
    monkeypatch.setattr(streaming, "time", place)
    monkeypatch.setattr(streaming, "LONGEST_WAIT_SECONDS", 20)
    *comments, error = texts(streamed(generation(job="nobody").id, place=place))
    assert len(comments) == 4, "at once, and then when five seconds are over"
    assert {each[0] for each in comments} == {":"}
    assert "still_running" in error
    assert place.now == 20.5


@ON_SQLITE
def test_the_place_is_free_when_nobody_reads_on(context: Flask) -> None:
    freed: list[bool] = []
    held = ExitStack()
    held.callback(freed.append, True)
    response = streamed(running(), held)
    next(events(response))
    response.close()
    assert freed == [True]


@ON_SQLITE
def test_a_fault_of_ours_is_told_as_an_error(context: Flask) -> None:
    response = streamed(running())
    db.drop_all()
    [error] = events(response)
    assert error["error"]["code"] == "internal"
