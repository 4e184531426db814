"""What the queue's cards tell, read once for all who look at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text

from app.extensions import db
from app.models import Batch, Generation, Image, Status
from app.models.generation import PASSED_ON, WAITING, new_id
from app.models.types import utc_now
from app.services.batch_view import BatchView, views_of
from app.services.queue.changes import somebody_works
from app.services.queue.usual import UsualTimes

# So many of each have cards; the rest is told as a number.
MOST_CARDS = 20
# What has ended badly is shown for so long, if nobody dismisses it.
SHOWN_FOR = timedelta(hours=1)
# Whoever asked longer ago has stopped waiting.
_ASKED_WITHIN = timedelta(days=3)
# Among so many that ended last one looks for what ended badly just now.
_LOOK_AMONG = 200
# So many of the newest pictures are told of: more come at once only by an import.
_NEWEST = 40


@dataclass(frozen=True, slots=True)
class Card:
    """One generation. `usual` is how many seconds all of its pictures usually take, None: unknown.

    `error` is the code of what went wrong last, and `message` its words. `passed_on` to the program that
    asked, it cannot be cancelled.
    """

    id: str
    key: int | None
    made_by: str | None
    status: Status
    prompt: str
    model: str
    n: int
    done: int
    asked: datetime
    begun: datetime | None
    ended: datetime | None
    next_try: datetime | None
    usual: float | None
    error: str | None
    message: str | None
    again: bool | None
    passed_on: bool


@dataclass(frozen=True, slots=True)
class BatchCard:
    """One batch: how many of its `total` prompts failed and how many have not ended.

    `done` of its `pictures` are kept; `seconds_left` is None where nobody can tell. `error` is the code
    that most of them failed with, of so many `reasons`, and `message` the words of one.
    """

    id: str
    key: int | None
    made_by: str | None
    name: str | None
    total: int
    pictures: int
    done: int
    failed: int
    left: int
    seconds_left: float | None
    error: str | None = None
    message: str | None = None
    reasons: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """What the cards show: plain values, which outlive the session that they were read by.

    `waiting` are the first in turn of `waits`, which is how many wait in all. `ended` holds generations
    that ended badly, of everybody; `batches` those that go on, and then those that ended badly.
    `pictures` are the ids of the newest pictures; `works` tells whether any worker is alive.
    """

    running: tuple[Card, ...] = ()
    waiting: tuple[Card, ...] = ()
    waits: int = 0
    ended: tuple[Card, ...] = ()
    batches: tuple[BatchCard, ...] = ()
    pictures: tuple[int, ...] = ()
    works: bool = True

    @property
    def active(self) -> bool:
        """Tell whether anything goes on."""
        return bool(self.running or self.waits or any(each.left for each in self.batches))


def read_queue(usual: UsualTimes) -> Queue:
    """Return what waits, what runs and what has ended badly within the last hour."""
    now = utc_now()
    single = Generation.batch_id.is_(None)
    rows = select(Generation).order_by(Generation.id)
    running = rows.where(Generation.status == Status.RUNNING, single).limit(MOST_CARDS)
    waiting = rows.where(text(WAITING)).limit(MOST_CARDS)
    ended = rows.where(Generation.id.in_(_ended_badly(now)), single)
    waits = db.session.scalar(select(func.count()).select_from(Generation).where(text(WAITING)))
    return Queue(
        running=_cards(running, usual),
        waiting=_cards(waiting, usual),
        waits=waits or 0,
        ended=_cards(ended, usual)[::-1],
        batches=tuple(_batches(now)),
        pictures=_newest_pictures(),
        works=somebody_works(),
    )


def own_waiting(key: int, usual: UsualTimes) -> list[Card]:
    """Return those that a key asked for last and that wait; for when too many wait to have cards."""
    newest = select(Generation.id).where(Generation.api_key_id == key)
    newest = newest.order_by(Generation.id.desc()).limit(MOST_CARDS)
    single = Generation.batch_id.is_(None)
    waiting = Generation.id.in_(newest), Generation.status == Status.QUEUED, single
    return list(_cards(select(Generation).where(*waiting).order_by(Generation.id), usual))


def _cards(query: Any, usual: UsualTimes) -> tuple[Card, ...]:
    fresh = query.execution_options(populate_existing=True)
    return tuple(card_of(row, usual) for row in db.session.scalars(fresh))


def card_of(row: Generation, usual: UsualTimes) -> Card:
    """Return the card of a generation."""
    return Card(
        id=row.id,
        key=row.api_key_id,
        made_by=row.api_key.name if row.api_key else None,
        status=row.status,
        prompt=row.prompt,
        model=row.model,
        n=row.n,
        done=row.done,
        asked=row.created_at,
        begun=row.started_at,
        ended=row.finished_at,
        next_try=row.next_try_at,
        usual=usual.seconds(row.model, row.n),
        error=row.error_code,
        message=row.error_message,
        again=row.error_retryable,
        passed_on=row.runner == PASSED_ON,
    )


def _ended_badly(now: datetime) -> list[str]:
    """Return those that failed, or have fewer pictures than were asked for, of the last that ended."""
    return [
        row.id
        for status in (Status.FAILED, Status.SUCCEEDED)
        for row in db.session.execute(
            select(Generation.id, Generation.error_code, Generation.finished_at)
            # That it was not asked for long ago has SQLite take the index in the order of the ids.
            .where(Generation.status == status, Generation.id > new_id(now - _ASKED_WITHIN))
            .order_by(Generation.id.desc())
            .limit(_LOOK_AMONG)
        )
        if row.error_code and row.finished_at and row.finished_at > now - SHOWN_FOR
    ]


def _batches(now: datetime) -> list[BatchCard]:
    """Return those that go on, and those of the last ones that ended badly."""
    going_on = select(Batch).where(Batch.finished_at.is_(None)).order_by(Batch.id)
    last = select(Batch).order_by(Batch.id.desc()).limit(MOST_CARDS)
    over = [each for each in _all(last) if each.finished_at and each.finished_at > now - SHOWN_FOR]
    begun = [batch_card(each) for each in views_of(_all(going_on.limit(MOST_CARDS)))]
    ended = [batch_card(each) for each in views_of(over)]
    return [*(each for each in begun if each.left), *(each for each in ended if each.failed)]


def batch_card(view: BatchView) -> BatchCard:
    """Return the card of a batch."""
    batch, progress = view.batch, view.progress
    failed = progress.counts[Status.FAILED]
    reasons = _reasons(batch.id) if failed else []
    return BatchCard(
        id=batch.id,
        key=batch.api_key_id,
        made_by=batch.api_key.name if batch.api_key else None,
        name=batch.name,
        total=batch.total,
        pictures=batch.pictures,
        done=progress.done,
        failed=failed,
        left=progress.left,
        seconds_left=view.seconds_left,
        error=reasons[0][0] if reasons else None,
        message=reasons[0][1] if reasons else None,
        reasons=len(reasons),
    )


def _reasons(batch_id: str) -> list[tuple[str | None, str | None]]:
    """Return each code that a batch's generations failed with and the words of one, commonest first."""
    failed = (Generation.batch_id == batch_id) & (Generation.status == Status.FAILED)
    # Of a batch of thousands these tell as much.
    query = select(Generation.error_code, Generation.error_message).where(failed).limit(_LOOK_AMONG)
    found = db.session.execute(query).all()
    messages = {row.error_code: row.error_message for row in reversed(found)}
    counts = Counter(row.error_code for row in found)
    return [(code, messages[code]) for code, _ in counts.most_common()]


def _all(query: Any) -> Sequence[Batch]:
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _newest_pictures() -> tuple[int, ...]:
    newest = select(Image.id).order_by(Image.id.desc()).limit(_NEWEST)
    kept = select(Image.id).where(Image.id.in_(newest), Image.deleted_at.is_(None))
    return tuple(sorted(db.session.scalars(kept)))
