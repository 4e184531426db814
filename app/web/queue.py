"""The queue as a page shows it: its cards, for who looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from flask import current_app, request

from app.extensions import current_settings
from app.models import Status
from app.models.types import utc_now
from app.services.keys import KeyHolder
from app.services.queue.board import Board, Seen
from app.services.queue.cards import BatchCard, Card, Queue, own_waiting
from app.web.texts import TEXT, say

NAME = "queue_board"
# What somebody has dismissed stays away on their device: others may not have seen it yet.
DISMISSED = "proofsheet_dismissed"
_MOST_DISMISSED = 40
_MINUTE = 60
_HOUR = 3600
Kind = Literal["running", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A generation's card in words. `since` is when it was begun, in milliseconds since 1970."""

    card: Card
    kind: Kind
    how: str
    why: str | None
    what_to_do: str | None
    can_retry: bool
    since: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A batch's card in words."""

    batch: BatchCard
    how: str
    why: str | None
    what_to_do: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of the queue.

    `more` is how many wait that have no card, `works` whether anybody is there to draw them.
    """

    revision: str
    active: bool
    now: int
    pictures: tuple[int, ...]
    jobs: tuple[Job | Run, ...]
    more: int
    works: bool


def board() -> Board:
    """Return the queue as this process last saw it."""
    return cast(Board, current_app.extensions[NAME])


def queue_context(holder: KeyHolder) -> dict[str, Any]:
    """Return what the template queue/_queue.html needs, as things stand now."""
    return {"queue": shown(board().look(), holder)}


def shown(seen: Seen, holder: KeyHolder) -> Shown:
    """Return what a holder of a key sees."""
    queue, jobs = seen.queue, tuple(_cards(seen.queue, holder))
    waiting = sum(isinstance(each, Job) and each.kind == "waiting" for each in jobs)
    return Shown(
        revision=seen.revision,
        active=queue.active,
        now=round(utc_now().timestamp() * 1000),
        pictures=queue.pictures,
        jobs=jobs,
        more=max(0, queue.waits - waiting),
        works=queue.works or not queue.active,
    )


def _cards(queue: Queue, holder: KeyHolder) -> Iterator[Job | Run]:
    """Yield what goes on: the holder's own, the newest first, then that of others; then what to mend.

    A phone shows the first two alone: old failures must not hide what was just asked for.
    """
    going_on: list[Job | Run] = [
        *(job_of(card, "running") for card in queue.running),
        *(run_of(batch) for batch in queue.batches if batch.left),
        *(job_of(card, "waiting") for card in _waiting(queue, holder)),
    ]
    own = [each for each in going_on if _told(each).key == holder.id]
    yield from sorted(own, key=lambda each: _told(each).id, reverse=True)
    yield from (each for each in going_on if _told(each).key != holder.id)
    yield from _failures(queue, holder)


def _told(shown: Job | Run) -> Card | BatchCard:
    return shown.card if isinstance(shown, Job) else shown.batch


def _failures(queue: Queue, holder: KeyHolder) -> Iterator[Job | Run]:
    gone = dismissed()
    # What ended badly is for whoever asked for it: nobody else can mend it.
    for card in queue.ended:
        if card.key == holder.id and card.id not in gone:
            yield job_of(card, "failed")
    for batch in queue.batches:
        if not batch.left and batch.key == holder.id and batch.id not in gone:
            yield run_of(batch)


def _waiting(queue: Queue, holder: KeyHolder) -> Iterator[Card]:
    """Yield what is next in turn and, where more wait than have cards, the holder's own."""
    yield from queue.waiting
    if queue.waits > len(queue.waiting):
        there = {each.id for each in queue.waiting}
        own = own_waiting(holder.id, board().usual)
        yield from (each for each in own if each.id not in there)


def job_of(card: Card, kind: Kind) -> Job:
    """Return the card of a generation."""
    tells = kind == "failed" or (kind == "waiting" and card.error is not None)
    why, what_to_do = failure_words(card.error, card.message) if tells else (None, None)
    return Job(
        card=card,
        kind=kind,
        how=_how(card, kind),
        why=why,
        # What is tried again by itself need not be told what to do.
        what_to_do=what_to_do if kind == "failed" else None,
        can_retry=card.status == Status.FAILED,
        since=round(card.begun.timestamp() * 1000) if kind == "running" and card.begun else None,
    )


def failure_words(code: str | None, message: str | None) -> tuple[str, str | None]:
    """Return why something failed and what to do about it; for a code without words, the message."""
    words = vars(TEXT.queue.failure).get(code or "")
    if words is None:
        return message or TEXT.queue.failed_somehow, None
    return str(words.why), str(words.do)


def run_of(batch: BatchCard) -> Run:
    """Return the card of a batch."""
    parts = [say("queue.batch_done", done=batch.done, n=batch.pictures)]
    if batch.failed:
        parts.append(say("queue.batch_failed", n=batch.failed))
    if batch.left and batch.seconds_left is not None:
        parts.append(say("queue.time_left", time=about(batch.seconds_left)))
    why, what_to_do = failure_words(batch.error, batch.message) if batch.failed else (None, None)
    if why and batch.reasons > 1:
        why = say("queue.mostly", why=why)
    # While it goes on there is nothing to be done yet.
    return Run(batch, TEXT.queue.between.join(parts), why, None if batch.left else what_to_do)


def _how(card: Card, kind: Kind) -> str:
    match kind:
        case "running":
            elapsed = (utc_now() - card.begun).total_seconds() if card.begun else 0
            return elapsed_words(elapsed, card.usual)
        case "waiting":
            if card.next_try is not None:
                at = card.next_try.astimezone(current_settings().zone)
                return say("queue.tried_again_at", time=f"{at:%H:%M:%S}")
            return say("queue.usually", time=about(card.usual)) if card.usual else TEXT.queue.waits
    return say("queue.has_pictures", done=card.done, n=card.n) if card.done else TEXT.queue.failed


def elapsed_words(elapsed: float, usual: float | None) -> str:
    """Return how long something has taken, held against what it usually takes."""
    taken = about(elapsed)
    return taken if usual is None else say("queue.elapsed", taken=taken, usual=about(usual))


def about(seconds: float) -> str:
    """Return a duration as one says it: 1 s, 14 s, 2 min, 3 h."""
    if seconds < _MINUTE:
        return say("queue.seconds", count=max(1, round(seconds)))
    if seconds < _HOUR:
        return say("queue.minutes", count=round(seconds / _MINUTE))
    return say("queue.hours", count=round(seconds / _HOUR))


def dismissed() -> list[str]:
    """Return the ids of what was dismissed on this device, the last one last."""
    return [each for each in request.cookies.get(DISMISSED, "").split(".") if each]


def with_dismissed(ids: Iterable[str]) -> str:
    """Return the cookie's value with some more ids in it."""
    return ".".join([*dismissed(), *ids][-_MOST_DISMISSED:])
