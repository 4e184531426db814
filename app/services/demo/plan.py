"""Who asks when for what over the 90 days, and what comes of it: by chance, the same for each seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from app.models import Status
from app.providers.base import ProviderError
from app.services.demo.cast import (
    CHANGES,
    MANNERS,
    MODELS,
    PEOPLE,
    PROJECTS,
    SEASONS,
    SUBJECTS,
    TEMPLATES,
    DemoModel,
    Person,
)
from app.services.demo.failures import PASSING, some_failure

DAYS = 90
RATIOS = ("1:1", "3:2", "4:3", "16:9", "2:3")
# From Monday on, and by the hour of the day: how busy it is.
_WEEK = (10, 11, 12, 11, 9, 3, 2)
_HOURS = (*[0] * 6, *(1, 3, 7, 10, 11, 8, 5, 8, 11, 10, 8, 5, 3, 2, 3, 3, 2, 1))
# One in so many.
_FAILS, _PARTLY, _CANCELLED, _EDITS, _UPLOADS = 14, 40, 90, 12, 40


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: by whom, when, for what; how many pictures come, and what went wrong.

    `edits` is one that works from a picture made before; `again` one that tries again what failed
    just before it; `batch` marks those that were asked for together.
    """

    at: datetime
    person: Person
    prompt: str
    model: DemoModel
    n: int = 1
    pictures: int = 1
    ratio: str = "1:1"
    project: str | None = None
    template: str | None = None
    status: Status = Status.SUCCEEDED
    failure: ProviderError | None = None
    edits: bool = False
    again: bool = False
    upload: bool = False
    batch: bool = False


def requests(images: int, until: datetime, chance: Random) -> list[Asked]:
    """Return what was asked in the 90 days before a moment, in order, with so many pictures in all."""
    asked: list[Asked] = []
    left = images
    for each in chain.from_iterable(_sessions(until, chance, images)):
        if not left:
            break
        pictures = min(each.pictures, left)
        asked.append(replace(each, pictures=pictures, n=_asked_for(each, pictures)))
        left -= pictures
    return sorted(asked, key=lambda each: each.at)


def _asked_for(each: Asked, pictures: int) -> int:
    return each.n if pictures == each.pictures else pictures


def _sessions(until: datetime, chance: Random, images: int) -> Iterator[list[Asked]]:
    """Yield what somebody asks at a stretch, again and again, and once a batch."""
    if images >= 4 * len(SEASONS):
        yield _batch(_moment(until, chance), chance)
    while True:
        yield list(_session(_moment(until, chance), until, chance))


def _moment(until: datetime, chance: Random) -> datetime:
    """Return a moment on some working day, by the rhythm of the week and the day."""
    days = [until - timedelta(days=ago) for ago in range(1, DAYS)]
    # More and more, as when people take to a tool.
    busy = [_WEEK[day.weekday()] * (0.5 + index / DAYS) for index, day in enumerate(days[::-1])]
    [day] = chance.choices(days[::-1], busy)
    [hour] = chance.choices(range(24), _HOURS)
    second = timedelta(hours=hour, seconds=chance.random() * 3600)
    return day.replace(hour=0, minute=0, second=0, microsecond=0) + second


def _session(at: datetime, until: datetime, chance: Random) -> Iterator[Asked]:
    [person] = chance.choices(PEOPLE, [each.weight for each in PEOPLE])
    project = person.project if chance.random() < 0.8 else chance.choice(PROJECTS)  # noqa: PLR2004
    # What is dear to people comes again and again.
    rank = min(int(chance.expovariate(0.09)), len(SUBJECTS) - 1)
    words = SUBJECTS[rank]
    if _one_in(_UPLOADS, chance):
        yield Asked(at, person, words.capitalize(), MODELS[0], project=project, upload=True)
        return
    for _ in range(chance.choice((1, 1, 2, 2, 3, 4))):
        if at >= until:
            return
        each = _request(at, person, words, chance)
        each = replace(each, project=project)
        yield each
        at += timedelta(seconds=chance.uniform(20, 400))
        if isinstance(each.failure, PASSING) and at < until:
            yield replace(_request(at, person, words, chance), project=project, again=True,
                          prompt=each.prompt, edits=False)  # fmt: skip
            at += timedelta(seconds=chance.uniform(20, 400))
        words = _varied(SUBJECTS[rank], chance)


def _varied(words: str, chance: Random) -> str:
    """Return a prompt as one words it the next time: as before, otherwise spelt, or with a manner."""
    kind = chance.random()
    if kind < 0.2:  # noqa: PLR2004 - one in five
        return words
    if kind < 0.3:  # noqa: PLR2004 - one in ten
        return words.upper() if chance.random() < 0.3 else words.capitalize()  # noqa: PLR2004
    return f"{words}, {chance.choice(MANNERS)}"


def _request(at: datetime, person: Person, words: str, chance: Random) -> Asked:
    [model] = chance.choices(MODELS, [each.weight for each in MODELS])
    template = chance.choice(list(TEMPLATES)) if _one_in(5, chance) else None
    [n] = chance.choices((1, 2, 3, 4), (60, 20, 5, 15))
    edits = _one_in(_EDITS, chance)
    each = Asked(
        at,
        person,
        chance.choice(CHANGES) if edits else words,
        model,
        n=n,
        pictures=n,
        ratio=chance.choice(RATIOS),
        template=None if edits else template,
        edits=edits,
    )
    if _one_in(_FAILS, chance):
        return replace(each, pictures=0, status=Status.FAILED, failure=some_failure(chance))
    if _one_in(_CANCELLED, chance):
        return replace(each, pictures=0, status=Status.CANCELLED)
    if n > 1 and _one_in(_PARTLY, chance):
        return replace(each, pictures=n - 1, failure=some_failure(chance))
    return each


def _batch(at: datetime, chance: Random) -> list[Asked]:
    subject = chance.choice(SUBJECTS[:10])
    return [
        Asked(
            at, PEOPLE[0], f"{subject} {season}", MODELS[0], project=PEOPLE[0].project, batch=True
        )
        for season in SEASONS
    ]


def _one_in(number: int, chance: Random) -> bool:
    return chance.randrange(number) == 0
