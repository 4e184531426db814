"""What programs ask for, and what the upstream answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.extensions import db
from app.models import Generation, Image, Role
from app.services.keys import create_key
from app.services.recorded_calls import Asked, Call, begin, keep
from tests.fakes.gemini_answers import Json, answer, image_part
from tests.pictures import picture

MODEL = "gemini-nano-banana-2.1"
# Of a 1K picture, by its tokens.
PRICE = 33_600
PLAIN = "application/json; charset=UTF-8"


def new_key() -> int:
    """Make a program's key; return its id."""
    return create_key("a program", Role.CREATOR)[0].id


def asked(prompt: str = "A fox", **more: Any) -> Asked:
    return Asked(**{"model": MODEL, "prompt": prompt, "final_prompt": prompt, **more})


def body(*parts: Json, **more: Any) -> bytes:
    """Return an answer of these parts; of one picture, where there are none."""
    return json.dumps(answer(list(parts) or [image_part(picture())], **more)).encode()


def kept(call: Call, *parts: Json, **more: Any) -> Generation:
    """Keep an answer of these parts; return the record."""
    assert keep(call, body(*parts, **more), PLAIN, 1_234)
    return record(call)


def called(key: int, *parts: Json, **more: Any) -> Generation:
    """Make a whole call; return its record."""
    return kept(begin(asked(**more), key), *parts)


def record(call: Call) -> Generation:
    return db.session.get_one(Generation, call.id, populate_existing=True)


def pictures(row: Generation) -> list[bytes]:
    return [image.blob.data for image in row.images]


def count(table: type[Generation | Image]) -> int:
    return db.session.query(table).count()


@contextmanager
def without_room_for_pictures() -> Iterator[None]:
    """Let nothing be written into the table of the pictures while inside."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE image_blobs RENAME TO elsewhere")
    try:
        yield
    finally:
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO image_blobs")
