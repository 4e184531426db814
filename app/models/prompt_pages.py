"""Past prompts in pages, by cursor: those used last first, or those used most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, tuple_

from app.errors import NotFound
from app.models.cursor import Cursor
from app.models.image_pages import MOST_SCANS
from app.models.page import Slice, check_size
from app.models.past_prompt import prompt_index
from app.models.prompt_row import PROMPT_ROWS, PROMPTS, PromptRow, read_prompts, uses_at
from app.models.search import parse
from app.models.types import IDS

# Of so many matches of a search, those used last, the ones used most are told.
RANKED = 10_000


@dataclass(frozen=True, slots=True)
class PromptFilter:
    """Which past prompts, and in which order. `q` is a user's search (models/search.py)."""

    q: str | None = None
    sort: Literal["recent", "uses"] = "recent"


def prompts_of(wanted: PromptFilter, cursor: Cursor | None, limit: int) -> Slice[PromptRow]:
    """Return up to `limit` prompts from a cursor on, or from the beginning. Raises InvalidInput.

    A prompt that is used meanwhile moves to the front; all others keep their order. A page of a
    search may be short, and goes on all the same.
    """
    check_size(limit, "limit")
    backwards = cursor is not None and cursor.backwards
    if wanted.q and wanted.sort == "uses":
        rows, onward = _ranked(wanted, cursor, limit)
    elif wanted.q:
        rows, onward = _searched(wanted, cursor, limit)
    else:
        rows, onward = _walked(wanted, cursor, limit)
    # Where the cursor came from there is something.
    back = _place(wanted, rows[0], not backwards) if rows and cursor else None
    return Slice(rows[::-1], back, onward) if backwards else Slice(rows, onward, back)


def past_prompt(prompt_id: int) -> PromptRow:
    """Return one past prompt. Raises NotFound."""
    rows = read_prompts(PROMPT_ROWS.where(PROMPTS.c.id == prompt_id)) if prompt_id in IDS else []
    if not rows:
        raise NotFound(f"There is no past prompt {prompt_id}.")
    return rows[0]


def _walked(
    wanted: PromptFilter, cursor: Cursor | None, limit: int
) -> tuple[list[PromptRow], Cursor | None]:
    """Return up to `limit` rows by the columns alone, and where to go on if more come after them."""
    backwards = cursor is not None and cursor.backwards
    rows = read_prompts(_listing(wanted, cursor).limit(limit + 1))
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, _place(wanted, rows[-1], backwards) if more else None


def _listing(wanted: PromptFilter, cursor: Cursor | None) -> Select[Any]:
    # Position is unique, so that no two prompts can tie.
    columns = [PROMPTS.c.position]
    place = [cursor.position] if cursor else []
    if wanted.sort == "uses":
        columns.insert(0, PROMPTS.c.uses)
        place = [cursor.rank, cursor.position] if cursor else []
    backwards = cursor is not None and cursor.backwards
    query = PROMPT_ROWS.order_by(*(each.asc() if backwards else each.desc() for each in columns))
    if not cursor:
        return query
    row, start = tuple_(*columns), tuple_(*place)
    return query.where(row > start if backwards else row < start)


def _searched(
    wanted: PromptFilter, cursor: Cursor | None, limit: int
) -> tuple[list[PromptRow], Cursor | None]:
    """Return the same of a search; it may have looked through a number of rows in vain."""
    backwards = cursor is not None and cursor.backwards
    start = cursor.position if cursor else None
    found = prompt_index.find(
        parse(wanted.q or ""),
        limit=limit + 1,
        before=None if backwards else start,
        after=start if backwards else None,
        oldest_first=backwards,
    )
    positions = found.positions[:limit]
    reached = positions[-1] if len(found.positions) > limit else found.scanned_to
    onward = None if reached is None else Cursor(reached, backwards)
    return _rows_at(positions), onward


def _ranked(
    wanted: PromptFilter, cursor: Cursor | None, limit: int
) -> tuple[list[PromptRow], Cursor | None]:
    """Return the same of those that a search finds among the ones used last, by their uses."""
    backwards = cursor is not None and cursor.backwards
    places = sorted(uses_at(_matches(wanted.q or "")), reverse=not backwards)
    if cursor:
        start = (cursor.rank, cursor.position)
        places = [each for each in places if (each > start if backwards else each < start)]
    uses, last = places[:limit][-1] if places else (0, 0)
    onward = Cursor(last, backwards, uses) if len(places) > limit else None
    return _rows_at([position for _, position in places[:limit]]), onward


def _matches(q: str) -> list[int]:
    """Return the positions of the first RANKED that a search finds, within a bounded number of rows."""
    positions: list[int] = []
    start = None
    for _ in range(MOST_SCANS):
        missing = RANKED - len(positions)
        found = prompt_index.find(parse(q), limit=missing, before=start, scan=max(missing, 1))
        positions += found.positions
        start = found.scanned_to
        if start is None or len(positions) == RANKED:
            break
    return positions


def _rows_at(positions: list[int]) -> list[PromptRow]:
    """Return the prompts at these positions, in their order."""
    if not positions:
        return []
    rows = read_prompts(PROMPT_ROWS.where(PROMPTS.c.position.in_(positions)))
    return sorted(rows, key=lambda row: positions.index(row.position))


def _place(wanted: PromptFilter, row: PromptRow, backwards: bool) -> Cursor:
    return Cursor(row.position, backwards, row.uses if wanted.sort == "uses" else 0)
