"""Rows that name others without a foreign key: batches, past prompts, what messages are about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from app.models import Batch, Event, Generation, Image, PastPrompt, WebhookDelivery
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of
from app.services.check.writing import commit

BATCH_GONE = Kind(
    "batch-gone",
    "generations of a batch that is not there",
    advice="Restore the batch from a backup; its generations are kept.",
)
OTHER_BATCH = Kind(
    "images-other-batch", "images of another batch than their generation", "given its batch"
)
PROMPT_GONE = Kind(
    "generations-prompt-gone",
    "generations whose past prompt is not there",
    "linked to none; their words stay",
)
IMAGES_PROMPT_GONE = Kind(
    "images-prompt-gone",
    "images whose past prompt is not there",
    "linked to none; their words stay",
)
MESSAGE_OF_NOTHING = Kind(
    "message-of-nothing", "webhook messages about what is not there", "removed"
)

# One that was imported by itself, without its batch, was drawn by no worker here.
_WITHOUT_BATCH = and_(
    Generation.job.is_not(None),
    Generation.batch_id.is_not(None),
    ~select(Batch.id).where(Batch.id == Generation.batch_id).exists(),
)
_OF_OTHER_BATCH = (
    select(Generation.id)
    .where(
        Generation.id == Image.generation_id,
        Generation.batch_id.is_distinct_from(Image.batch_id),
    )
    .exists()
)


def _without_prompt(table: type[Generation | Image]) -> ColumnElement[bool]:
    there = select(PastPrompt.id).where(PastPrompt.id == table.prompt_id).exists()
    return and_(table.prompt_id.is_not(None), ~there)


def _about(table: type[Batch | Generation]) -> ColumnElement[bool]:
    return select(table.id).where(table.id == WebhookDelivery.subject).exists()


_ABOUT_NOTHING = or_(
    and_(WebhookDelivery.event == Event.BATCH_ENDED, ~_about(Batch)),
    and_(WebhookDelivery.event != Event.BATCH_ENDED, ~_about(Generation)),
)
_CONDITIONS: dict[Kind, tuple[Any, ColumnElement[bool]]] = {
    BATCH_GONE: (Generation.id, _WITHOUT_BATCH),
    OTHER_BATCH: (Image.id, _OF_OTHER_BATCH),
    PROMPT_GONE: (Generation.id, _without_prompt(Generation)),
    IMAGES_PROMPT_GONE: (Image.id, _without_prompt(Image)),
    MESSAGE_OF_NOTHING: (WebhookDelivery.id, _ABOUT_NOTHING),
}


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    for kind, (name, condition) in _CONDITIONS.items():
        with snapshot():
            for (row_id,) in rows_of(select(name).where(condition).order_by(name)):
                yield Fault(kind, row_id)


def _give_batch(ids: list[int]) -> int:
    batch = select(Generation.batch_id).where(Generation.id == Image.generation_id)
    changed = update(Image).where(Image.id.in_(ids), _OF_OTHER_BATCH)
    return commit(changed.values(batch_id=batch.scalar_subquery()))


def _unlink(table: type[Generation | Image], ids: list[Any]) -> int:
    changed = update(table).where(table.id.in_(ids), _without_prompt(table))
    return commit(changed.values(prompt_id=None))


def _remove_messages(ids: list[str]) -> int:
    return commit(delete(WebhookDelivery).where(WebhookDelivery.id.in_(ids), _ABOUT_NOTHING))


POINTERS = Checker(
    "links",
    "links between rows",
    _find,
    {
        OTHER_BATCH: _give_batch,
        PROMPT_GONE: partial(_unlink, Generation),
        IMAGES_PROMPT_GONE: partial(_unlink, Image),
        MESSAGE_OF_NOTHING: _remove_messages,
    },
)
