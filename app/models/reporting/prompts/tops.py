"""The same lists where there are too many uses to read them all: by indexes, from the top on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union,
)

from app.extensions import db
from app.models.batches import BATCH, batches
from app.models.image import IMAGES, STARRED
from app.models.image_filter import LARGEST_PUSH, position_of
from app.models.past_prompt import PromptText
from app.models.prompt_row import PROMPTS
from app.models.reporting.prompts import ranks
from app.models.reporting.prompts.tally import Tallies
from app.models.reporting.prompts.uses import GENERATIONS, Uses, place_of

_TEXTS = cast(Table, PromptText.__table__)
# As the partial index says it: no value that is bound later tells that it will do.
FAILED: ColumnElement[bool] = literal_column("generations.status = 'failed'")
_AT_FIRST, _MOST_AT_ONCE = 16, 4 * BATCH


@dataclass(slots=True)
class Known:
    """What was counted for one list and is asked for another: uses and images by the prompt."""

    uses: dict[int, int] = field(default_factory=dict)
    images: dict[int, int] = field(default_factory=dict)


def most_used(uses: Uses, limit: int, known: Known) -> list[int]:
    """Return the prompts with the most uses, in the order of `ranks.most_used`.

    None has more uses than at all times: so those with the most of these are looked at, one after the
    other, until the next one could not be among the first any more.
    """
    best: list[tuple[tuple[int, int, int], int]] = []
    edge: tuple[int, int] | None = None
    size = _AT_FIRST
    while candidates := _candidates(uses, edge, size):
        counts = uses_of(uses, [prompt for prompt, *_ in candidates], known)
        found = [((counts[prompt], *place), prompt) for prompt, *place in candidates]
        best = nlargest(limit, [*best, *(each for each in found if each[0][0])])
        edge = candidates[-1][1], candidates[-1][2]
        if len(candidates) < size or (len(best) == limit and best[-1][0][0] >= edge[0]):
            break
        size = min(2 * size, _MOST_AT_ONCE)
    return [prompt for _, prompt in best]


def _candidates(uses: Uses, edge: tuple[int, int] | None, size: int) -> list[Any]:
    """Return prompts, their uses at all times and their positions, those with the most uses first."""
    place = PROMPTS.c.uses, PROMPTS.c.position
    query = select(PROMPTS.c.id, *place).where(PROMPTS.c.position >= position_of(uses.since))
    if not uses.to_the_end():
        query = query.where(PROMPTS.c.first_used_at < uses.until)
    if edge is not None:
        query = query.where(tuple_(*place) < tuple_(*edge))
    return list(_read(query.order_by(*(each.desc() for each in place)).limit(size)))


def are_many(uses: Uses, most: int) -> bool:
    """Tell whether more images than `most` are of no generation."""
    some = select(IMAGES.c.id).where(*uses.loose_images()).limit(most + 1).subquery()
    return bool(_read(select(func.count() > most).select_from(some))[0][0])


def uses_of(uses: Uses, prompt_ids: Iterable[int], known: Known) -> Counter[int]:
    """Return how often prompts were used."""
    wanted = set(prompt_ids)
    for ids in batches(wanted - known.uses.keys()):
        counts = Counter(dict.fromkeys(ids, 0))
        counts.update(_count(GENERATIONS, ids, uses.generations(by_prompt=True)))
        counts.update(_count(IMAGES, ids, uses.loose_images()))
        known.uses.update(counts)
    return Counter({each: known.uses[each] for each in wanted})


def images_of(uses: Uses, prompt_ids: Iterable[int], known: Known) -> Counter[int]:
    """Return how many images were made from prompts."""
    wanted = set(prompt_ids)
    for ids in batches(wanted - known.images.keys()):
        counted = _count(IMAGES, ids, uses.images(by_prompt=True))
        known.images.update({each: counted.get(each, 0) for each in ids})
    return Counter({each: known.images[each] for each in wanted})


def tallies_of(uses: Uses, prompt_ids: Collection[int], known: Known) -> Tallies:
    """Return what happened with some prompts."""
    found = Tallies(
        uses=uses_of(uses, prompt_ids, known), images=images_of(uses, prompt_ids, known)
    )
    for ids in batches(prompt_ids):
        found.favourites.update(_count(IMAGES, ids, [STARRED, *uses.images(by_prompt=True)]))
        failed = [FAILED, *uses.generations(seek=False, by_prompt=True)]
        found.failures.update(_count(GENERATIONS, ids, failed))
        last = (
            _last(GENERATIONS, GENERATIONS.c.id, uses.generations(by_prompt=True)),
            _last(IMAGES, IMAGES.c.position, uses.loose_images()),
        )
        rows = _read(select(PROMPTS.c.id, *last).where(PROMPTS.c.id.in_(ids)))
        found.note((prompt, asked) for prompt, asked, _ in rows if asked)
        found.note((prompt, place_of(loose)) for prompt, _, loose in rows if loose)
    return found


def most_failed(uses: Uses, limit: int) -> list[int]:
    """Return the prompts with the most failures, in the order of `ranks.most_failed`."""
    return list(_most(GENERATIONS, [FAILED, *uses.generations(seek=False, by_prompt=True)], limit))


def kept_most(uses: Uses, limit: int, known: Known) -> list[int]:
    """Return the prompts with the most favourites among their images, in the order of `most_kept`."""
    starred = [STARRED, *uses.images(seek=False, by_prompt=True)]
    favourites = Counter(_most(IMAGES, starred, ranks.MOST_STARRED))
    return ranks.most_kept(favourites, images_of(uses, favourites, known), limit)


def never_reused(uses: Uses, limit: int) -> list[int]:
    """Return the newest of the prompts that were used once, at all times."""
    position = PROMPTS.c.position
    query = select(PROMPTS.c.id).where(
        PROMPTS.c.uses == 1,
        position >= position_of(uses.since),
        position < position_of(uses.until + LARGEST_PUSH),
        PROMPTS.c.last_used_at < uses.until,
    )
    if uses.only:
        asked = exists().where(
            GENERATIONS.c.prompt_id == PROMPTS.c.id, *uses.generations(by_prompt=True)
        )
        loose = exists().where(IMAGES.c.prompt_id == PROMPTS.c.id, *uses.loose_images())
        query = query.where(or_(asked, loose))
    return [row[0] for row in _read(query.order_by(position.desc()).limit(limit))]


def most_recent(uses: Uses, limit: int) -> list[int]:
    """Return the prompts that were used last, in the order of `ranks.most_recent`."""
    found = Tallies()
    found.note(_newest(GENERATIONS, GENERATIONS.c.id, uses.generations(), limit))
    loose = _newest(IMAGES, IMAGES.c.position, uses.loose_images(), limit)
    found.note((prompt, place_of(position)) for prompt, position in loose)
    return ranks.most_recent(found.last, limit)


def newest_texts(uses: Uses, limit: int) -> list[str]:
    """Return the normalised words of so many prompts that were used last.

    Where it is about all uses since a moment; else of the prompts of so many uses.
    """
    if not uses.only and uses.to_the_end():
        position = _TEXTS.c.position
        query = select(_TEXTS.c.text).where(position >= position_of(uses.since))
        return [row[0] for row in _read(query.order_by(position.desc()).limit(limit))]
    asked = _walk(GENERATIONS, GENERATIONS.c.id, uses.generations()).limit(limit).subquery()
    loose = _walk(IMAGES, IMAGES.c.position, uses.loose_images()).limit(limit).subquery()
    used = union(select(asked.c.prompt_id), select(loose.c.prompt_id)).subquery()
    texts = select(_TEXTS.c.text).join(PROMPTS, PROMPTS.c.position == _TEXTS.c.position)
    found = texts.join(used, used.c.prompt_id == PROMPTS.c.id)
    return [row[0] for row in _read(found.order_by(PROMPTS.c.position.desc()).limit(limit))]


def texts_of(prompt_ids: Iterable[int]) -> list[str]:
    """Return the normalised words of prompts."""
    query = select(_TEXTS.c.text).join(PROMPTS, PROMPTS.c.position == _TEXTS.c.position)
    return [
        row[0] for ids in batches(prompt_ids) for row in _read(query.where(PROMPTS.c.id.in_(ids)))
    ]


def _newest(table: Table, place: Any, conditions: list[Any], limit: int) -> list[tuple[int, Any]]:
    """Return so many prompts, those used last first, each with the place of its last use."""
    last: dict[int, Any] = {}
    size = 2 * limit
    while len(last) < limit:
        # What is known is passed over: somebody may have used one prompt a hundred thousand times.
        others = table.c.prompt_id.not_in(list(last))
        rows = _read(_walk(table, place, [others, *conditions]).limit(size))
        if not rows:
            break
        size = _MOST_AT_ONCE
        for prompt, at in rows:
            last.setdefault(prompt, at)
    return list(last.items())[:limit]


def _walk(table: Table, place: Any, conditions: list[Any]) -> Select[Any]:
    known = table.c.prompt_id.is_not(None)
    return select(table.c.prompt_id, place).where(known, *conditions).order_by(place.desc())


def _most(table: Table, conditions: list[Any], limit: int) -> dict[int, int]:
    """Return the prompts with the most rows, and how many; of as many, those with greater ids."""
    prompt, number = table.c.prompt_id, func.count()
    query = select(prompt, number).where(prompt.is_not(None), *conditions).group_by(prompt)
    # Nearly all have one row. They are not to be sorted: where they are needed, an index has them so.
    some = query.having(number > 1).order_by(number.desc(), prompt.desc())
    found = _pairs(some.limit(limit))
    once = query.having(number == 1).order_by(prompt.desc())
    return dict(found + (_pairs(once.limit(limit - len(found))) if len(found) < limit else []))


def _count(table: Table, ids: list[int], conditions: list[Any]) -> dict[int, int]:
    query = select(table.c.prompt_id, func.count()).where(table.c.prompt_id.in_(ids), *conditions)
    return dict(_pairs(query.group_by(table.c.prompt_id)))


def _last(table: Table, place: Any, conditions: list[Any]) -> Any:
    """Return, of the prompt of a row, the greatest place: the first that an index leads to."""
    return (
        select(func.max(place))
        .where(table.c.prompt_id == PROMPTS.c.id, *conditions)
        .scalar_subquery()
    )


def _pairs(query: Select[Any]) -> list[tuple[int, Any]]:
    return [(row[0], row[1]) for row in _read(query)]


def _read(query: Select[Any]) -> Sequence[Any]:
    return db.session.connection().execute(query).all()
