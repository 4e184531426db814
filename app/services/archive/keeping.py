"""Keeps pictures that come in, a few at a time, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select

from app.errors import InvalidPicture
from app.extensions import current_settings, db
from app.models import Image, history_revision, prompt_book
from app.models.image_filter import LARGEST_PUSH, position_of
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.lineage import link
from app.services.archive import generations, purged
from app.services.archive.people import People
from app.services.archive.report import Imported

if TYPE_CHECKING:
    from app.imaging import Picture

# What is held in memory at once, and written in one transaction, for which others wait.
MOST, MOST_BYTES = 20, 32 * 1024**2
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A picture that is to be kept: its bytes as they came, and what is known of it.

    `is_exact` means that it was exported from a history: it is the same as one that is here of the same
    generation and ordinal, or moment, and bytes; else the bytes alone decide. `id` and `parents` are
    those that it had there.
    """

    name: str
    data: bytes = field(repr=False)
    sha256: str
    words: str
    created_at: datetime
    details: ImageDetails
    is_prompt: bool
    is_exact: bool = False
    made_by: Any = None
    generation: dict[str, Any] | None = None
    id: int | None = None
    parents: tuple[int, ...] = ()


class Keeper:
    """Gathers pictures and keeps them; `finish` is to be called at the end."""

    def __init__(self, done: Imported, people: People, tell: Tell, *, dry: bool = False) -> None:
        """Take what counts and watches; one that is `dry` looks at all and writes nothing."""
        self._dry = dry
        self._done = done
        self._people = people
        self._tell = tell
        self._waiting: list[Incoming] = []
        self._bytes = 0
        # From ids in the source to ids here.
        self._ids: dict[int, int] = {}
        self._parents: dict[int, tuple[int, ...]] = {}
        self._inputs: dict[str, list[int]] = {}

    def note_inputs(self, generation: dict[str, Any]) -> None:
        """Note what a generation worked from, whose images may come later."""
        if generation["input_images"]:
            self._inputs[generation["id"]] = generation["input_images"]

    def add(self, image: Incoming) -> None:
        """Keep a picture, now or with some that follow."""
        if image.generation is not None:
            self.note_inputs(image.generation)
        self._waiting.append(image)
        self._bytes += len(image.data)
        if len(self._waiting) >= MOST or self._bytes >= MOST_BYTES:
            self._flush()

    def finish(self) -> None:
        """Keep what waits, and what was made from what; commit."""
        self._flush()
        if self._dry:
            return
        for generation_id, inputs in self._inputs.items():
            generations.set_inputs(generation_id, self.here(inputs))
        link((image_id, self.here(parents)) for image_id, parents in self._parents.items())
        if self._parents:
            history_revision.bump()
        db.session.commit()

    def here(self, ids: Iterable[int]) -> list[int]:
        """Return the ids that images of the source have here, of those that are kept."""
        return [self._ids[each] for each in ids if each in self._ids]

    def _flush(self) -> None:
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        if not waiting:
            return
        # Before anybody has to wait, as is all that takes time.
        last = db.session.scalar(select(func.max(Image.id))) or 0
        here = _twins(waiting)
        self._tell_words(waiting, here)
        db.session.rollback()
        new = [(each, self._picture(each)) for each in waiting if each.name not in here]
        fresh = [(each, picture) for each, picture in new if picture is not None]
        if self._dry:
            self._count(fresh, len(here))
            self._tell(len(waiting))
            return
        kept = self._store(fresh, last) if fresh else {}
        for each in waiting:
            self._note(each, kept.get(each.name), here.get(each.name))
        self._tell(len(waiting))

    def _count(self, fresh: list[tuple[Incoming, Picture]], here: int) -> None:
        """Count what would be kept; the same bytes in another part may be counted again."""
        new = {(each.sha256, each.created_at if each.is_exact else None) for each, _ in fresh}
        self._done.taken["images"] += len(new)
        self._done.here["images"] += here + len(fresh) - len(new)

    def _picture(self, image: Incoming) -> Picture | None:
        from app import imaging  # with Pillow, which most commands do without

        settings = current_settings()
        limits = imaging.Limits(settings.max_picture_bytes, settings.max_picture_pixels)
        try:
            return imaging.prepare(image.data, limits=limits)
        except InvalidPicture as error:
            self._done.skip(image.name, str(error))
            return None

    def _store(self, fresh: list[tuple[Incoming, Picture]], last: int) -> dict[str, int]:
        """Keep and commit those that are still not here, the oldest first; return ids by names."""
        prompt_book.lock()  # one import at a time from here on
        self._add_generations(each for each, _ in fresh)
        asked = [each.details.generation_id for each, _ in fresh if each.details.generation_id]
        ended = generations.ended(asked)
        late = _twins((each for each, _ in fresh), last)
        seen: dict[Any, str] = {}
        same_here: dict[str, str] = {}
        chosen = []
        for each, picture in sorted(fresh, key=lambda pair: pair[0].created_at):
            same = (each.created_at, each.details.ordinal) if each.is_exact else None
            key = (each.sha256, each.details.generation_id, same)
            if key in seen or each.name in late:
                self._done.here["images"] += 1
                same_here[each.name] = seen.get(key, "")
                continue
            seen[key] = each.name
            chosen.append((each.name, self._new(each, picture, ended)))
        images = ImageManager().store_all(new for _, new in chosen)
        purged.come_back(images)
        kept = {name: image.id for (name, _), image in zip(chosen, images, strict=True)}
        twins = {name: kept[first] for name, first in same_here.items() if first}
        self._tell_words([each for each, _ in fresh], twins | late)
        db.session.commit()
        db.session.expunge_all()  # all of them would not fit into memory
        return kept

    def _tell_words(self, images: Iterable[Incoming], here: Mapping[str, int]) -> None:
        """Tell of loose pictures that are here with other words: theirs are not taken."""
        loose = [
            each for each in images if each.is_prompt and not each.is_exact and each.name in here
        ]
        ids = {here[each.name] for each in loose}
        query = select(Image.id, Image.prompt).where(Image.id.in_(ids))
        words = dict(db.session.execute(query).all()) if ids else {}
        for each in loose:
            if words.get(here[each.name]) != each.words:
                reason = f"here already as image {here[each.name]}, under another prompt"
                self._done.skip(each.name, reason, is_fault=False)

    def _add_generations(self, images: Iterable[Incoming]) -> None:
        asked = [each.generation for each in images if each.generation is not None]
        if asked:
            added, _ = generations.add(asked, self._people)
            self._done.taken["generations"] += added

    def _new(
        self, image: Incoming, picture: Picture, ended: Mapping[str, generations.Ended]
    ) -> NewImage:
        details = replace(
            image.details, api_key_id=self._people.key_id(image.made_by), batch_id=None
        )
        asked = ended.get(details.generation_id or "")
        if asked is None or details.ordinal is None or details.ordinal >= asked.n:
            details = replace(details, generation_id=None, ordinal=None)
        else:
            details = replace(details, batch_id=asked.batch_id)
        return NewImage(image.words, picture, details, image.is_prompt, image.created_at)

    def _note(self, image: Incoming, kept: int | None, here: int | None) -> None:
        found = here if kept is None else kept
        self._done.taken["images"] += kept is not None
        self._done.here["images"] += here is not None
        if found is not None and image.id is not None:
            self._ids[image.id] = found
            if image.parents:
                self._parents[found] = image.parents


def _twins(images: Iterable[Incoming], after: int = 0) -> dict[str, int]:
    """Return the images here that are the same, by name, of those with larger ids than `after`."""
    query = select(Image.id).where(Image.id > after).limit(1)
    images = list(images)
    found = {each.name: _exact_twin(each, query) for each in images if each.is_exact}
    # One look for all: there is no index to find bytes by.
    loose = {each.sha256 for each in images if not each.is_exact}
    if loose:
        same = select(Image.sha256, func.min(Image.id)).where(Image.id > after)
        rows = db.session.execute(same.where(Image.sha256.in_(loose)).group_by(Image.sha256))
        by_bytes = dict(rows.all())
        found |= {each.name: by_bytes.get(each.sha256) for each in images if not each.is_exact}
    return {name: image_id for name, image_id in found.items() if image_id is not None}


def _exact_twin(image: Incoming, query: Select[int]) -> int | None:
    details = image.details
    if details.generation_id is not None and details.ordinal is not None:
        ours = Image.generation_id == details.generation_id, Image.ordinal == details.ordinal
        if (found := db.session.scalar(query.where(*ours))) is not None:
            return found
    near = Image.position.between(
        position_of(image.created_at), position_of(image.created_at + LARGEST_PUSH)
    )
    same = Image.created_at == image.created_at, Image.sha256 == image.sha256
    return db.session.scalar(query.where(near, *same))
