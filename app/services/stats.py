"""One screen of what is there: how much of everything, since when, and what it takes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, text

from app import __version__
from app.extensions import db
from app.models import ApiKey, Batch, Generation, Image, PastPrompt, PromptTemplate, Status, budget
from app.models.budget import ALL, Account, Period
from app.models.image_place import total
from app.models.reporting.reading import Wanted, read_sums
from app.models.types import utc_now
from app.models.word_index.tables import on_sqlite
from app.services.health import workers
from app.services.records import dollars, timestamp
from app.services.reports.cost import this_month
from app.services.reports.report import added
from app.services.schema import current_revision

_FILE = text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
_SERVER = text("SELECT pg_database_size(current_database())")
_BY_TIME = select(Image.created_at).limit(1)


def what_is_there() -> dict[str, Any]:
    """Return how much there is of everything, ready for JSON: times in UTC, sizes in bytes.

    The month is the present one in UTC, with the cost that reports tell; reserved is what budgets keep.
    """
    return {
        "proofsheet": __version__,
        "schema": current_revision(),
        "database": "SQLite" if on_sqlite() else "PostgreSQL",
        "database_bytes": db.session.scalar(_FILE if on_sqlite() else _SERVER),
        "images": total("exclude"),
        "images_deleted": total("only"),
        "picture_bytes": int(db.session.scalar(select(func.sum(Image.byte_count))) or 0),
        "first_image_at": timestamp(_moment(_BY_TIME.order_by(Image.position))),
        "last_image_at": timestamp(_moment(_BY_TIME.order_by(Image.position.desc()))),
        **_generations(),
        "batches": _count(Batch.id),
        "prompts": _count(PastPrompt.id),
        "templates": _count(PromptTemplate.name.distinct()),
        "keys": _count(ApiKey.id, ApiKey.revoked_at.is_(None)),
        **_month(),
        "workers": sum(each.alive for each in workers()),
    }


def _moment(query: Select[datetime]) -> datetime | None:
    return db.session.scalar(query)


def _generations() -> dict[str, int]:
    """Return how many stand how."""
    query = select(Generation.status, func.count()).group_by(Generation.status)
    found: dict[Status, int] = dict(db.session.execute(query).all())
    return {f"generations_{each}": found.get(each, 0) for each in Status}


def _count(column: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count(column)).where(*conditions)) or 0


def _month() -> dict[str, float | None]:
    now = utc_now()
    account = Account(ALL, Period.MONTH, Period.MONTH.start(now.date()))
    _, reserved = budget.booked([account])[account]
    month, _ = this_month(now)
    made = added(read_sums(Wanted(), [month.span]).values())
    return {
        "month_cost_usd": dollars(made.cost_microusd),
        "month_reserved_usd": dollars(reserved),
    }
