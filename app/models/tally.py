"""Counts that only grow, kept where every process can add to them: for metrics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Float, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db


class Tally(Base):
    """How often something happened, or how many there were, of one provider and model.

    `label` tells kinds of it apart: an outcome, the code of an error, the upper bound of a bucket of
    durations. `seconds` is the sum of those. Where there is nothing to tell, a text is empty.
    """

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32), primary_key=True)
    model: Mapped[str] = mapped_column(String(100), primary_key=True)
    label: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float(53))


class Key(NamedTuple):
    """What is counted."""

    name: str
    provider: str
    model: str
    label: str = ""


def add(deltas: Mapping[Key, tuple[int, float]]) -> None:
    """Add `{what: (count, seconds)}` within the present transaction; the only writer of this table.

    Last before the commit: two transactions that count the same wait for each other. Rows are taken
    in order, so that they never wait in a circle.
    """
    rows = [
        {**key._asdict(), "count": count, "seconds": seconds}
        for key, (count, seconds) in sorted(deltas.items())
        if count
    ]
    if rows:
        # Not as rows of the session: with each end of a generation that would be felt.
        db.session.connection().execute(_addition(db.engine.dialect.name), rows)


@cache
def _addition(dialect: str) -> Any:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(Tally)
    return insert.on_conflict_do_update(
        index_elements=[Tally.name, Tally.provider, Tally.model, Tally.label],
        set_={
            "count": Tally.count + insert.excluded.count,
            "seconds": Tally.seconds + insert.excluded.seconds,
        },
    )


def tallies() -> list[tuple[Key, int, float]]:
    """Return all that was counted, in order."""
    columns = (Tally.name, Tally.provider, Tally.model, Tally.label, Tally.count, Tally.seconds)
    rows = db.session.execute(select(*columns).order_by(*columns[:4]))
    return [(Key(*row[:4]), row[4], row[5]) for row in rows]
