"""The line in the log of each generation that ended, by whoever ended it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.logs import tell
from app.services.records import dollars

if TYPE_CHECKING:
    from app.services.endings import Ended


def tell_ended(ended: Iterable[Ended]) -> None:
    """Log generations whose end was committed."""
    for each in ended:
        tell("generation", **_fields(each))


def _fields(ended: Ended) -> dict[str, Any]:
    fields = {
        "generation_id": ended.id,
        "status": ended.status.value,
        "provider": ended.provider,
        "model": ended.model,
        "n": ended.n,
        "images": ended.images,
        "cost_usd": dollars(ended.cost_microusd),
        "queue_ms": _milliseconds(ended.created_at, ended.started_at or ended.finished_at),
        "duration_ms": _milliseconds(ended.started_at, ended.finished_at),
        "attempts": ended.attempts,
        "error_code": ended.error_code,
        "key_id": ended.api_key_id,
        "request_id": ended.request_id,
    }
    return fields if ended.prompt is None else {**fields, "prompt": ended.prompt}


def _milliseconds(start: datetime | None, end: datetime) -> int | None:
    return None if start is None else round((end - start).total_seconds() * 1000)
