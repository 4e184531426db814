"""A number that rises whenever a list of images could look different.

Whoever kept a page asks whether the number is still the same: one small row is read, no page.
"""

from __future__ import annotations

import time
from typing import cast

from sqlalchemy import BigInteger, String, Table, case, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db

HISTORY = "history"


class Revision(Base):
    """How far something has changed, by its name."""

    __tablename__ = "revisions"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


# Plain columns, put together once: this is asked with every page.
_REVISIONS = cast(Table, Revision.__table__)
_CURRENT = select(_REVISIONS.c.number).where(_REVISIONS.c.name == HISTORY)


def current() -> int:
    """Return the history's number; 0 when nothing was ever kept.

    To be read before the page that it is to name: then the page is as new as its number, or newer.
    """
    return db.session.connection().execute(_CURRENT).scalar() or 0


def bump() -> None:
    """Say, within the transaction that does so, that lists of images look different now.

    To be called once a transaction, last before the commit, after `rollup.book`: the row is locked
    until then, so that numbers rise in the order of the commits.
    """
    # The time in microseconds: a database that was taken back to a copy never gives a number again
    # that meant something else. Where the clock stands still or goes back, one more than before.
    now = time.time_ns() // 1_000
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Revision).values(name=HISTORY, number=now)
    stale = Revision.number >= insert.excluded.number
    number = case((stale, Revision.number + 1), else_=insert.excluded.number)
    db.session.execute(
        insert.on_conflict_do_update(index_elements=[Revision.name], set_={"number": number})
    )
