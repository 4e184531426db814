"""Past prompts against the rows that are their uses: generations, and images without one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select, union_all

from app.extensions import db
from app.models import prompt_book
from app.models.generation import Generation
from app.models.image import Image
from app.models.past_prompt import PastPrompt

_USES = union_all(
    select(Generation.prompt_id, Generation.created_at, Generation.prompt.label("words")).where(
        Generation.prompt_id.is_not(None)
    ),
    select(Image.prompt_id, Image.created_at, Image.prompt).where(
        Image.prompt_id.is_not(None), Image.generation_id.is_(None)
    ),
).subquery()
# Of each prompt how many uses there are still rows of, and when those were.
_SEEN = (
    select(
        _USES.c.prompt_id,
        func.count().label("uses"),
        func.min(_USES.c.created_at).label("first"),
        func.max(_USES.c.created_at).label("last"),
    )
    .group_by(_USES.c.prompt_id)
    .subquery()
)
# Those with fewer uses than there are rows, or outside of whose time some lie. More uses than rows are
# no fault: images without a generation may have been purged.
UNDERCOUNTED: Select[Any] = (
    select(PastPrompt.id)
    .join(_SEEN, _SEEN.c.prompt_id == PastPrompt.id)
    .where(
        or_(
            PastPrompt.uses < _SEEN.c.uses,
            PastPrompt.first_used_at > _SEEN.c.first,
            PastPrompt.last_used_at < _SEEN.c.last,
        )
    )
)


def correct(prompt_id: int) -> bool:
    """Raise a prompt's uses to the rows that there are, and widen its time to theirs.

    And write its key, its beginning, its place and its words by its text. False when it is not there.
    To be called after `prompt_book.lock`; does not commit.
    """
    row = db.session.get(PastPrompt, prompt_id, populate_existing=True)
    if row is None:
        return False
    uses, first, last = row.uses, row.first_used_at, row.last_used_at
    if seen := _seen(prompt_id):
        uses, first, last = max(uses, seen.uses), min(first, seen.first), max(last, seen.last)
    return prompt_book.rewrite(prompt_id, row.text, uses, first, last)


def take_back(prompt_id: int, uses: int) -> None:
    """Take back so many uses, whose rows are gone; a prompt that was never used else goes too.

    To be called after `prompt_book.lock`; does not commit.
    """
    row = db.session.get(PastPrompt, prompt_id, populate_existing=True)
    if row is None:
        return
    left, seen = row.uses - uses, _seen(prompt_id)
    if left <= 0 and not seen:
        prompt_book.forget([prompt_id])
    elif not seen:
        prompt_book.rewrite(prompt_id, row.text, left, row.first_used_at, row.first_used_at)
    else:
        # When those were used whose rows are gone, nobody knows: the time is that of the others.
        text = _last_wording(prompt_id) or row.text
        prompt_book.rewrite(prompt_id, text, max(left, seen.uses), seen.first, seen.last)


def _seen(prompt_id: int) -> Any:
    query = select(
        func.count().label("uses"),
        func.min(_USES.c.created_at).label("first"),
        func.max(_USES.c.created_at).label("last"),
    )
    row = db.session.execute(query.where(_USES.c.prompt_id == prompt_id)).one()
    return row if row.uses else None


def _last_wording(prompt_id: int) -> str | None:
    newest = select(_USES.c.words).where(_USES.c.prompt_id == prompt_id)
    return db.session.scalar(newest.order_by(_USES.c.created_at.desc()).limit(1))
