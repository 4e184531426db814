"""Generations: whether how each stands, its times and its pictures go together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import ColumnElement, and_, func, select, update

from app.models import Generation, Image, Status
from app.models.snapshot import snapshot
from app.models.types import utc_now
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of
from app.services.check.writing import commit

_LATER = "taken up as after the death of a worker"
UNLEASED = Kind("running-unleased", "generations that run and that nobody answers for", _LATER)
NOBODYS = Kind("queued-for-nobody", "generations that wait and that nobody will draw", _LATER)
DONE_WRONG = Kind(
    "done-too-small", "generations that count fewer pictures than they have", "counted anew"
)
SUCCESS_WITHOUT = Kind(
    "success-without-picture",
    "generations that succeeded without a picture",
    advice="Nobody knows what they came to; ask again for what is still wanted.",
)
END_WITHOUT_TIME = Kind(
    "end-without-time",
    "generations that ended at no known time",
    advice="Restore the row from a backup if the time matters.",
)
TIME_WITHOUT_END = Kind(
    "time-without-end",
    "generations that go on after the time of their end",
    advice="Cancel them with `manage.py jobs cancel`.",
)
ORDINAL_BEYOND = Kind(
    "ordinal-beyond",
    "generations with pictures of a higher number than they asked for",
    advice="The pictures are kept; nothing need be done.",
)

_ENDED = Generation.status.in_([each for each in Status if each.ended])
_PICTURES = (
    select(func.count(Image.id)).where(Image.generation_id == Generation.id).scalar_subquery()
)
_BEYOND = (
    select(Image.id)
    .where(Image.generation_id == Generation.id, Image.ordinal >= Generation.n)
    .exists()
)
_CONDITIONS: dict[Kind, ColumnElement[bool]] = {
    UNLEASED: and_(Generation.status == Status.RUNNING, Generation.lease_until.is_(None)),
    NOBODYS: and_(
        Generation.status == Status.QUEUED,
        *(
            column.is_(None)
            for column in (Generation.job, Generation.batch_id, Generation.lease_until)
        ),
    ),
    # Fewer pictures than counted is no fault: some may have been purged.
    DONE_WRONG: Generation.done < _PICTURES,
    SUCCESS_WITHOUT: and_(
        Generation.status == Status.SUCCEEDED, Generation.done == 0, _PICTURES == 0
    ),
    END_WITHOUT_TIME: and_(_ENDED, Generation.finished_at.is_(None)),
    TIME_WITHOUT_END: and_(~_ENDED, Generation.finished_at.is_not(None)),
    ORDINAL_BEYOND: _BEYOND,
}


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    for kind, condition in _CONDITIONS.items():
        with snapshot():
            query = select(Generation.id).where(condition).order_by(Generation.id)
            for (generation_id,) in rows_of(query):
                yield Fault(kind, generation_id)


def _let_lease_run_out(kind: Kind, ids: list[str]) -> int:
    """What follows is the same as for what a worker left that died: it goes on, or ends."""
    changed = update(Generation).where(Generation.id.in_(ids), _CONDITIONS[kind])
    return commit(changed.values(lease_until=utc_now()))


def _count_pictures(ids: list[str]) -> int:
    fits = Generation.n >= _PICTURES
    changed = update(Generation).where(Generation.id.in_(ids), _CONDITIONS[DONE_WRONG], fits)
    return commit(changed.values(done=_PICTURES))


GENERATIONS = Checker(
    "generations",
    "generations",
    _find,
    {
        UNLEASED: partial(_let_lease_run_out, UNLEASED),
        NOBODYS: partial(_let_lease_run_out, NOBODYS),
        DONE_WRONG: _count_pictures,
    },
)
