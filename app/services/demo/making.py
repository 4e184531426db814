"""The use case: a history of 90 days, written as the services write it, but with its own times.

Its keys are the mark by which all of it is found again; nobody can use them. No budget, no metric and
no webhook hears of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from sqlalchemy import select
from ulid import ULID

from app.extensions import db
from app.models import (
    ApiKey,
    Batch,
    Generation,
    Image,
    ImageBlob,
    Role,
    Source,
    Status,
    prompt_book,
)
from app.models.generation import new_id
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.prompt_manager import PromptManager, substitute
from app.models.reporting.book import book_generations
from app.models.types import utc_now
from app.services.demo.cast import BATCH, NOTES, PEOPLE, TAGS, TEMPLATES
from app.services.demo.failures import columns_of
from app.services.demo.painting import SIZE, Painted, paint, painted_ahead
from app.services.demo.plan import DAYS, Asked, requests

# What stands where other keys have their beginning: those all begin with "ps_".
PREFIX = "demo"
PROVIDER = "sketch"
AT_ONCE = 20
# An edit works from one of so many that were made last.
RECENT = 40


def history_is_empty() -> bool:
    """Tell whether nothing was ever asked for here, or kept."""
    return all(
        db.session.scalar(select(each).limit(1)) is None for each in (Image.id, Generation.id)
    )


def make_demo(images: int, seed: int = 1, until: datetime | None = None) -> Iterator[int]:
    """Keep so many sketches, as of the 90 days before `until` (aware; None: now); commits in parts.

    Yield with each request how many pictures it has brought. But for ids, the same seed gives the same.
    """
    until = until or utc_now()
    chance = Random(seed)  # noqa: S311 - to look alive, not to hide
    plan = requests(images, until - timedelta(hours=1), chance)
    making = _Making(chance, until)
    asked = [(each, _final(each), chance.randrange(2**31)) for each in plan]
    with painted_ahead(asked) as painted:
        for number, ((each, words, picture_seed), pictures) in enumerate(
            zip(asked, painted, strict=True), start=1
        ):
            yield making.keep(each, words, picture_seed, pictures)
            if number % AT_ONCE == 0:
                db.session.commit()
    db.session.commit()


def _final(asked: Asked) -> str:
    text = TEMPLATES[asked.template] if asked.template else "{user_input}"
    return substitute(text, asked.prompt, {})


class _Making:
    """What was made so far, as far as what follows goes back to it."""

    def __init__(self, chance: Random, until: datetime) -> None:
        self._chance = chance
        self._until = until
        begin = until - timedelta(days=DAYS)
        self._keys = {each.name: _key(each.name, begin) for each in PEOPLE}
        self._versions = {name: _template(name, text, begin) for name, text in TEMPLATES.items()}
        self._recent: list[int] = []
        self._failed: dict[tuple[str, str], str] = {}
        self._batch: Batch | None = None
        self._last: tuple[datetime, int] = (begin, 0)

    def keep(self, asked: Asked, words: str, seed: int, painted: Painted | None) -> int:
        """Add a request and its pictures; return how many those are."""
        if asked.upload:
            return self._keep_upload(asked, painted or [])
        parents = self._parents() if asked.edits else []
        if painted is None:
            painted = paint(asked, words, seed, _data(parents[0]) if parents else None)
        row = self._generation(asked, words, seed, parents)
        images = ImageManager().store_all(self._images(asked, row, painted, parents))
        _end(row, images)
        db.session.flush()
        book_generations([row])
        if self._batch and asked.batch:
            self._batch.finished_at = row.finished_at
        self._recent = [*self._recent, *(each.id for each in images if not each.deleted_at)]
        self._recent = self._recent[-RECENT:]
        return len(images)

    def _keep_upload(self, asked: Asked, painted: Painted) -> int:
        key = self._keys[asked.person.name]
        details = ImageDetails(
            source=Source.UPLOAD, api_key_id=key.id, project=asked.project, tags=self._tags()
        )
        new = [
            NewImage(asked.prompt, picture, details, is_prompt=False, created_at=asked.at)
            for picture, _ in painted
        ]
        return len(ImageManager().store_all(new))

    def _parents(self) -> list[int]:
        return [self._chance.choice(self._recent)] if self._recent else []

    def _generation(self, asked: Asked, words: str, seed: int, parents: list[int]) -> Generation:
        queued = min(self._chance.lognormvariate(-1.5, 1.2), 300)
        started = None if asked.status == Status.CANCELLED else asked.at + timedelta(seconds=queued)
        row = Generation(
            id=self._id(asked.at),
            status=asked.status,
            prompt=asked.prompt,
            prompt_id=prompt_book.use(asked.prompt, asked.at),
            final_prompt=words,
            template=asked.template,
            template_version=self._versions[asked.template] if asked.template else None,
            variables={},
            provider=PROVIDER,
            model=asked.model.name,
            n=asked.n,
            aspect_ratio=asked.ratio,
            size=SIZE,
            seed=seed,
            input_images=parents or None,
            retry_of=self._again(asked),
            batch_id=self._batch_of(asked),
            project=asked.project,
            request_id=PREFIX,
            api_key_id=self._keys[asked.person.name].id,
            done=asked.pictures,
            attempts=0 if started is None else 1,
            cost_microusd=_cost(asked),
            created_at=asked.at,
            started_at=started,
            finished_at=self._end_without_pictures(asked, started),
            **columns_of(asked.failure),
        )
        db.session.add(row)
        db.session.flush()
        if asked.status == Status.FAILED:
            self._failed[asked.person.name, asked.prompt] = row.id
        return row

    def _again(self, asked: Asked) -> str | None:
        return self._failed.pop((asked.person.name, asked.prompt), None) if asked.again else None

    def _end_without_pictures(self, asked: Asked, started: datetime | None) -> datetime:
        if started is None:
            return asked.at + timedelta(seconds=self._chance.uniform(5, 90))
        return started + timedelta(milliseconds=self._latency(asked))

    def _images(
        self, asked: Asked, row: Generation, painted: Painted, parents: list[int]
    ) -> Iterator[NewImage]:
        at = row.started_at or row.created_at
        for ordinal, (picture, seed) in enumerate(painted):
            latency = self._latency(asked)
            at += timedelta(milliseconds=latency)
            details = ImageDetails(
                provider=PROVIDER,
                model=asked.model.name,
                seed=seed,
                aspect_ratio=asked.ratio,
                size=SIZE,
                cost_microusd=asked.model.microusd,
                latency_ms=latency,
                generation_id=row.id,
                ordinal=ordinal,
                batch_id=row.batch_id,
                api_key_id=row.api_key_id,
                project=asked.project,
                parents=tuple(parents),
                tags=self._tags(),
                favourite=self._chance.random() < 0.12,  # noqa: PLR2004 - one in eight
                note=self._chance.choice(NOTES) if self._chance.random() < 0.03 else None,  # noqa: PLR2004
                deleted_at=self._deleted(at),
            )
            yield NewImage(row.final_prompt, picture, details, created_at=at)

    def _latency(self, asked: Asked) -> int:
        return round(1000 * asked.model.seconds * self._chance.lognormvariate(0, 0.35))

    def _tags(self) -> tuple[str, ...]:
        number = self._chance.choices((0, 1, 2), (80, 14, 6))[0]
        return tuple(sorted(self._chance.sample(TAGS, number)))

    def _deleted(self, at: datetime) -> datetime | None:
        gone = at + timedelta(hours=self._chance.uniform(0.2, 60))
        return gone if self._chance.random() < 0.04 and gone < self._until else None  # noqa: PLR2004

    def _batch_of(self, asked: Asked) -> str | None:
        if not asked.batch:
            return None
        if self._batch is None:
            key = self._keys[asked.person.name].id
            self._batch = Batch(
                id=self._id(asked.at), name=BATCH, project=asked.project, api_key_id=key,
                total=0, pictures=0, created_at=asked.at,
            )  # fmt: skip
            db.session.add(self._batch)
        self._batch.total += 1
        self._batch.pictures += asked.n
        return self._batch.id

    def _id(self, at: datetime) -> str:
        """Return an id of that moment, which nothing else has; those of one moment rise."""
        last_at, last = self._last
        given = str(ULID.from_int(last + 1)) if at == last_at else new_id(at)
        self._last = at, int(ULID.from_str(given))
        return given


def _end(row: Generation, images: list[Image]) -> None:
    if images:
        row.finished_at = images[-1].created_at


def _cost(asked: Asked) -> int | None:
    """Return what it is said to have cost; None: nobody knows."""
    may_be_billed = getattr(asked.failure, "may_be_billed", False)
    if may_be_billed or (asked.pictures and asked.model.microusd is None):
        return None
    return asked.pictures * (asked.model.microusd or 0)


def _key(name: str, at: datetime) -> ApiKey:
    """Add and flush a key that nobody can use: it was revoked at once, and nobody has it."""
    key = ApiKey(
        name=name,
        prefix=PREFIX,
        sha256=sha256(secrets.token_bytes(32)).hexdigest(),
        role=Role.CREATOR,
        created_at=at,
        revoked_at=at,
    )
    db.session.add(key)
    db.session.flush()
    return key


def _template(name: str, text: str, at: datetime) -> int:
    template = PromptManager().save_template(name, text)
    template.created_at = at
    return template.version


def _data(image_id: int) -> bytes | None:
    return db.session.scalar(select(ImageBlob.data).where(ImageBlob.image_id == image_id))
