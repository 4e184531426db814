"""What a filter with a search finds in the index of the history."""

from __future__ import annotations

from typing import Any

from app.models import search_index
from app.models.image_filter import ImageFilter
from app.models.search import labels, parse
from app.models.word_index import SCAN, Count, Found


def find(wanted: ImageFilter, start: int | None, limit: int, *, scan: int = SCAN) -> Found:
    """Return up to `limit` positions beyond `start` (None: from the beginning), in its order.

    Where so many do not turn up among `scan` rows, it tells where to go on.
    """
    rising = wanted.sort == "oldest"
    after, before = wanted.bounds()
    if start is not None:
        # Both are beyond what was reached: the narrower bound holds.
        after = max(start, after or 0) if rising else after
        before = before if rising else min(start, before or start)
    return search_index.find(
        parse(wanted.q or ""),
        limit=limit,
        before=before,
        after=after,
        oldest_first=rising,
        scan=scan,
        **_narrowed(wanted),
    )


def count(wanted: ImageFilter, cap: int) -> Count:
    """Count what there is to find, up to `cap`."""
    after, before = wanted.bounds()
    query = parse(wanted.q or "")
    return search_index.count(query, cap, before=before, after=after, **_narrowed(wanted))


def _narrowed(wanted: ImageFilter) -> dict[str, Any]:
    return {"labels": labels(**wanted.labels()), "conditions": wanted.conditions()}
