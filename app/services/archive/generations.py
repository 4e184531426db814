"""Generations that come in: as they were, and ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from app.errors import InvalidInput
from app.extensions import db
from app.models import Batch, Generation, Image, Status, prompt_book
from app.models.batches import batches
from app.models.reporting import book as report_book
from app.models.types import utc_now
from app.services.archive import kinds
from app.services.archive.fields import decoded, is_ids
from app.services.archive.people import People
from app.services.generation_outcome import INTERRUPTED, Interrupted, error_columns
from app.services.image_generator_service import ULID_TEXT

MOST_PICTURES = 100
_REQUIRED = ("id", "created_at", "status")
_DEFAULTS: dict[str, Any] = {
    "n": 1,
    "done": 0,
    "variables": {},
    **dict.fromkeys(("attempts", "retries", "interruptions"), 0),
}
PAST_PROMPT, MADE_BY = "past_prompt", "made_by"


def checked(record: Any) -> dict[str, Any]:
    """Return a generation's columns, with `past_prompt` and `made_by`. Raises InvalidInput."""
    row = _DEFAULTS | decoded(kinds.GENERATION, record, _REQUIRED)
    if not ULID_TEXT.fullmatch(row["id"]):
        raise InvalidInput("Its id is no ULID.", field="id")
    if not 1 <= row["n"] <= MOST_PICTURES or row["done"] > row["n"]:
        raise InvalidInput("Its n and done do not fit together.", field="n")
    if not row["prompt"].strip():
        raise InvalidInput("It has no words.", field="prompt")
    if not all(isinstance(each, str) for each in row["variables"].values()):
        raise InvalidInput("Its variables are no texts.", field="variables")
    if not is_ids(row["input_images"] or []):
        raise InvalidInput("Its input_images are no ids.", field="input_images")
    known = {PAST_PROMPT: record.get(PAST_PROMPT, True) is not False, MADE_BY: record.get(MADE_BY)}
    return {**row, **_ended(row), **known}


def _ended(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be changed of one that went on when it was exported: nobody goes on here."""
    changes: dict[str, Any] = {"next_try_at": None}
    if not row["status"].ended:
        changes |= error_columns(Interrupted(INTERRUPTED))
        changes["status"] = Status.SUCCEEDED if row["done"] else Status.FAILED
        changes["finished_at"] = utc_now()
    return changes


def add(rows: Iterable[dict[str, Any]], people: People) -> tuple[int, int]:
    """Add those that are not here yet; return how many that were, and how many were here.

    The images that they worked from are to be set later: until then, `input_images` is []. The caller
    commits; others may not book prompts until then.
    """
    added = here = 0
    prompt_book.lock()
    for some in batches(rows):
        known = _known([row["id"] for row in some])
        new = list({row["id"]: row for row in some if row["id"] not in known}.values())
        there = _batches(some)
        for row in some:
            # It came with a picture of its own, without its batch.
            if known.get(row["id"], "") is None and row["batch_id"] in there:
                _give_batch(row["id"], row["batch_id"])
        _insert([_complete(row, people, there) for row in new])
        added += len(new)
        here += len(some) - len(new)
    return added, here


class Ended(NamedTuple):
    """What an image that comes in needs to know of its generation."""

    n: int
    batch_id: str | None


def ended(ids: Sequence[str]) -> dict[str, Ended]:
    """Return those of these that are here and have ended: to others nothing may be added."""
    going_on = Generation.status.in_((Status.QUEUED, Status.RUNNING))
    query = select(Generation.id, Generation.n, Generation.batch_id)
    rows = db.session.execute(query.where(Generation.id.in_(ids), ~going_on))
    return {row.id: Ended(row.n, row.batch_id) for row in rows}


def set_inputs(generation_id: str, images: list[int]) -> None:
    """Tell what a generation worked from, unless that is known."""
    asked = db.session.get(Generation, generation_id)
    if asked is not None and asked.input_images == []:
        asked.input_images = images


def _batches(rows: Sequence[dict[str, Any]]) -> set[str]:
    """Return the batches of these that are here; one that is not would lead nowhere."""
    named = {row["batch_id"] for row in rows} - {None}
    return set(db.session.scalars(select(Batch.id).where(Batch.id.in_(named))))


def _known(ids: list[str]) -> dict[str, str | None]:
    """Return those of these that are here, each with its batch."""
    query = select(Generation.id, Generation.batch_id).where(Generation.id.in_(ids))
    return {row.id: row.batch_id for row in db.session.execute(query)}


def _give_batch(generation_id: str, batch_id: str) -> None:
    for name, table in ((Generation.id, Generation), (Image.generation_id, Image)):
        chosen = update(table).where(name == generation_id, table.batch_id.is_(None))
        db.session.execute(
            chosen.values(batch_id=batch_id), execution_options={"synchronize_session": False}
        )


def _complete(row: dict[str, Any], people: People, there: set[str]) -> dict[str, Any]:
    return {
        **row,
        "api_key_id": people.key_id(row[MADE_BY]),
        "batch_id": row["batch_id"] if row["batch_id"] in there else None,
        "input_images": None if row["input_images"] is None else [],
    }


def _insert(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    used = [row for row in rows if row[PAST_PROMPT]]
    prompts = prompt_book.use_many((row["prompt"], row["created_at"]) for row in used)
    ids = dict(zip((row["id"] for row in used), prompts, strict=True))
    plain = [
        {
            **{name: value for name, value in row.items() if name not in {PAST_PROMPT, MADE_BY}},
            "prompt_id": ids.get(row["id"]),
        }
        for row in rows
    ]
    db.session.execute(insert(Generation), plain)
    report_book.book_generations(SimpleNamespace(**row) for row in plain)
