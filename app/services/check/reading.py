"""Reading long tables, a few rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select

from app.extensions import db

AT_ONCE = 500


def rows_of(query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the rows of a query."""
    with db.session.execute(query, execution_options={"yield_per": AT_ONCE}) as rows:
        yield from rows
