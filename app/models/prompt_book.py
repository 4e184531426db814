"""Books each use of a prompt, and forgets prompts: the only writer of `prompts` and their words.

One transaction at a time writes here, from its first use to its commit: SQLite has one writer
anyway, PostgreSQL gets a lock. So nothing here is ever in conflict with another transaction. To be
called before the row that is a use is added, so that nobody who waits here holds what the other
waits for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    Table,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models.batches import BATCH, batches
from app.models.generation import Generation
from app.models.image import Image
from app.models.image_filter import LARGEST_PUSH, MICROSECOND, position_of
from app.models.past_prompt import PastPrompt, beginning_of, prompt_index, prompt_key
from app.models.search import compose
from app.models.word_index.tables import on_sqlite

# Any number that nothing else locks.
ADVISORY_LOCK = 7_766_372_101
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_PROMPTS = cast(Table, PastPrompt.__table__)
_CHANGED = ("text", "beginning", "uses", "first_used_at", "last_used_at", "position")
_CHANGE = (
    update(_PROMPTS)
    .where(_PROMPTS.c.id == bindparam("prompt_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
# Made once, as is all above: whoever books a prompt keeps other writers waiting.
_BY_KEY = select(_PROMPTS).where(_PROMPTS.c.key.in_(bindparam("keys", expanding=True)))
_FIRST_TAKEN = select(func.min(_PROMPTS.c.position)).where(
    _PROMPTS.c.position.in_(bindparam("positions", expanding=True))
)
_ADD = insert(_PROMPTS).returning(_PROMPTS.c.id, _PROMPTS.c.key)
_NOTHING = update(_PROMPTS).where(false()).values(uses=_PROMPTS.c.uses)


@dataclass(frozen=True, slots=True)
class _Use:
    """How often a prompt was used, from when until when, how it was worded last, and its words."""

    key: str
    text: str
    words: str
    uses: int
    first: datetime
    last: datetime

    def and_then(self, other: _Use) -> _Use:
        """Return both together; of two at the same time the other one's wording counts."""
        newest = self if self.last > other.last else other
        return replace(newest, uses=self.uses + other.uses, first=min(self.first, other.first))


@dataclass(frozen=True, slots=True)
class _Known:
    """A prompt that is there: its row, and its uses so far."""

    id: int
    position: int
    so_far: _Use


def use(words: str, at: datetime) -> int:
    """Book one use of a user's words at an aware moment and flush it; return the prompt's id."""
    [prompt_id] = use_many([(words, at)])
    return prompt_id


def use_many(uses: Iterable[tuple[str, datetime]]) -> list[int]:
    """Book many, each with its moment, and flush them; return each one's prompt, in their order."""
    keys: list[str] = []
    merged: dict[str, _Use] = {}
    for words, at in uses:
        key = prompt_key(words)
        keys.append(key)
        each = _Use(key, words, compose(words), 1, at, at)
        merged[key] = merged[key].and_then(each) if key in merged else each
    lock()
    known = _known(merged)
    ids = {key: each.id for key, each in known.items()} | _write(merged, known)
    return [ids[key] for key in keys]


def use_at_least(prompts: Iterable[tuple[str, int, datetime, datetime]]) -> int:
    """Book what is missing until each of these was used so often, and flush it; return of how many.

    Each is its words, how often they were used, and when first and last: a use of which no row is left
    counts too.
    """
    counted = (
        _Use(prompt_key(text), text, compose(text), uses, first, last)
        for text, uses, first, last in prompts
    )
    wanted = {each.key: each for each in counted}
    lock()
    known = _known(wanted)
    booked = {key: each.so_far.uses for key, each in known.items()}
    rest = (replace(use, uses=use.uses - booked.get(key, 0)) for key, use in wanted.items())
    missing = {use.key: use for use in rest if use.uses > 0}
    _write(missing, {key: each for key, each in known.items() if key in missing})
    return len(missing)


def lock() -> None:
    """Let no other transaction book or forget a prompt until this one ends."""
    if on_sqlite():
        # An update of nothing: the first write takes the one lock, and what is read next is fresh.
        db.session.execute(_NOTHING)
    else:
        db.session.execute(_LOCK, {"key": ADVISORY_LOCK})


def forget(prompt_ids: Iterable[int]) -> int:
    """Erase prompts, their words in the index, and what points at them; return how many there were.

    Generations and images keep words of their own; whoever calls this knows that none of them needs
    its prompt any more (models/forgetting.py). The caller commits, and calls `prompt_index.rebuild`
    so that the index's own pages hold no trace, and `history_revision.bump`, since lists of their
    images are empty now.
    """
    forgotten = 0
    lock()
    for batch in batches(prompt_ids):
        chosen = select(PastPrompt.position).where(PastPrompt.id.in_(batch))
        positions = list(db.session.scalars(chosen))
        prompt_index.remove(positions)
        for table in (Generation, Image):
            points = update(table).where(table.prompt_id.in_(batch)).values(prompt_id=None)
            db.session.execute(points, execution_options={"synchronize_session": False})
        db.session.execute(delete(PastPrompt).where(PastPrompt.id.in_(batch)))
        forgotten += len(positions)
    return forgotten


def rewrite(prompt_id: int, text: str, uses: int, first: datetime, last: datetime) -> bool:
    """Set what is kept of a prompt, and its place and words by that; False when it is not there.

    To be called after `lock`; raises IntegrityError when another prompt has the same words.
    """
    position = db.session.scalar(select(_PROMPTS.c.position).where(_PROMPTS.c.id == prompt_id))
    if position is None:
        return False
    each = _Use(prompt_key(text), text, compose(text), uses, first, last)
    place = position if is_near(position, last) else _free_positions([position_of(last)])[0]
    db.session.execute(update(_PROMPTS).where(_PROMPTS.c.id == prompt_id), _columns(each, place))
    prompt_index.remove([position])
    prompt_index.add_many([(place, each.words)])
    return True


def is_near(position: int, last_used_at: datetime) -> bool:
    """Tell whether a prompt's place can be that of its last use; a file of them may be of one moment."""
    return 0 <= position - position_of(last_used_at) < LARGEST_PUSH // MICROSECOND


def _known(keys: Iterable[str]) -> dict[str, _Known]:
    known = {}
    for batch in batches(keys):
        for row in db.session.connection().execute(_BY_KEY, {"keys": batch}):
            times = (row.first_used_at, row.last_used_at)
            so_far = _Use(row.key, row.text, compose(row.text), row.uses, *times)
            known[row.key] = _Known(row.id, row.position, so_far)
    return known


def _write(uses: dict[str, _Use], known: dict[str, _Known]) -> dict[str, int]:
    """Add the prompts that are new and change the others; each moves to the place of its last use.

    Return the ids of the new ones, by their keys.
    A use that is older than what is known, of a picture that comes in late, moves nothing.
    """
    late = {key for key, each in known.items() if uses[key].last < each.so_far.last}
    moved = sorted((each for each in uses.values() if each.key not in late), key=_last)
    places = dict(
        zip(
            (each.key for each in moved),
            _free_positions([position_of(each.last) for each in moved]),
            strict=True,
        )
    )
    changed = []
    for key, each in known.items():
        together = _columns(each.so_far.and_then(uses[key]), places.get(key, each.position))
        new = {f"new_{name}": together[name] for name in _CHANGED}
        changed.append({"prompt_id": each.id, **new})
    added = [_columns(each, places[each.key]) for each in moved if each.key not in known]
    connection = db.session.connection()
    if changed:
        connection.execute(_CHANGE, changed)
    new = {row.key: row.id for row in connection.execute(_ADD, added)} if added else {}
    prompt_index.remove(known[key].position for key in places if key in known)
    prompt_index.add_many((places[each.key], each.words) for each in moved)
    return new


def _last(use: _Use) -> datetime:
    return use.last


def _columns(use: _Use, position: int) -> dict[str, Any]:
    return {
        "key": use.key,
        "text": use.text,
        "beginning": beginning_of(use.words),
        "uses": use.uses,
        "first_used_at": use.first,
        "last_used_at": use.last,
        "position": position,
    }


def _free_positions(wanted: list[int]) -> list[int]:
    """Return, for positions that do not fall, each one's next that nobody has; they rise."""
    given: list[int] = []
    rest = wanted
    while rest:
        batch = _rising(rest[:BATCH], above=given[-1] if given else None)
        first_taken = db.session.connection().scalar(_FIRST_TAKEN, {"positions": batch})
        free = len(batch) if first_taken is None else batch.index(first_taken)
        given += batch[:free]
        rest = rest[free:]
        if first_taken is not None:
            rest = [_end_of_run(first_taken), *rest[1:]]
    return given


def _rising(positions: list[int], above: int | None) -> list[int]:
    """Return these, each pushed beyond the one before it and all beyond `above`."""
    pushed = []
    for position in positions:
        above = position if above is None else max(position, above + 1)
        pushed.append(above)
    return pushed


def _end_of_run(position: int) -> int:
    """Return the first free position after those that are taken from `position` on."""
    following = aliased(PastPrompt)
    is_last = ~exists().where(following.position == PastPrompt.position + 1)
    last = select(PastPrompt.position).where(PastPrompt.position >= position, is_last)
    return (db.session.scalar(last.order_by(PastPrompt.position).limit(1)) or position) + 1
