"""Marks: what people put on pictures, with soft deletes and their undo, one by one or many at once.

Whatever changes is locked first and read afterwards. So a condition on what is there still holds
when the change is written, no two changes undo each other, and the roll-ups hear of each once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Final

from sqlalchemy import false, select, update
from sqlalchemy.orm import selectinload

from app.errors import InvalidInput, NotFound, PreconditionFailed
from app.extensions import db
from app.models import Image, ImageTag, history_revision
from app.models.image_manager import ImageManager
from app.models.rollup import book, quarter_of
from app.models.types import utc_now

Change = Callable[[Image], None]
Condition = Callable[[Image], bool]

MOST_TAGS = 50
LONGEST_TAG = 64
LONGEST_NOTE = 10_000
LONGEST_PROJECT = 100
# The ids that both databases can count to; PostgreSQL would not even look for others.
IDS = range(1, 2**63)
NAMED_AT_MOST = 10


class Keep(Enum):
    """What a mark is when nothing was said about it; None says "none"."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Marks:
    """What an image shall have; `tags` are all that it shall have."""

    favourite: bool | Keep = KEEP
    tags: Collection[str] | Keep = KEEP
    note: str | Keep | None = KEEP
    project: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True)
class Changed:
    """How many images were meant, and how many of them were not so already."""

    matched: int
    changed: int


def change_image(image_id: int, change: Change, condition: Condition | None = None) -> Image:
    """Change one image and commit; return it as it is now.

    Its revision counts up, unless it was so already. Raises NotFound, or PreconditionFailed when it
    is not as `condition` wants it.
    """
    with _transaction():
        [image] = _locked([image_id])
        if condition is not None and not condition(image):
            raise PreconditionFailed(
                "The image is not, or no longer, what If-Match says: get it again, look at what "
                "changed, and send the ETag that it has now."
            )
        _apply(change, [image])
    return ImageManager().get(image_id)


def change_images(ids: Iterable[int], change: Change) -> Changed:
    """Change all of these images and commit, or none of them. Raises NotFound."""
    with _transaction():
        images = _locked(ids)
        changed = _apply(change, images)
    return Changed(len(images), changed)


def put(marks: Marks) -> Change:
    """Have an image's marks be these. Raises InvalidInput."""
    tags = marks.tags if marks.tags is KEEP else clean_tags(marks.tags)
    note = marks.note if marks.note is KEEP else _clean_note(marks.note)
    project = marks.project if marks.project is KEEP else _clean_project(marks.project)

    def change(image: Image) -> None:
        if marks.favourite is not KEEP:
            image.favourite = marks.favourite
        if tags is not KEEP:
            _set_tags(image, tags)
        if note is not KEEP:
            image.note = note
        if project is not KEEP:
            image.project = project

    return change


def add_tags(tags: Collection[str]) -> Change:
    """Have an image carry these tags too. Raises InvalidInput."""
    wanted = clean_tags(tags)

    def change(image: Image) -> None:
        _set_tags(image, _clean([*image.tags, *wanted]))
        if len(image.tags) > MOST_TAGS:
            raise InvalidInput(
                f"Image {image.id} would have {len(image.tags)} tags; {MOST_TAGS} are the most.",
                field="tags",
            )

    return change


def remove_tags(tags: Collection[str]) -> Change:
    """Take these tags off an image, however they are capitalised. Raises InvalidInput."""
    unwanted = {tag.casefold() for tag in clean_tags(tags)}

    def change(image: Image) -> None:
        _set_tags(image, [tag for tag in image.tags if tag.casefold() not in unwanted])

    return change


def delete() -> Change:
    """Delete an image softly; one that is deleted keeps the time when it was."""
    now = utc_now()

    def change(image: Image) -> None:
        image.deleted_at = image.deleted_at or now

    return change


def restore() -> Change:
    """Undo a soft delete."""

    def change(image: Image) -> None:
        image.deleted_at = None

    return change


def clean_tags(tags: Collection[str]) -> list[str]:
    """Return the tags without space around them, sorted, each once. Raises InvalidInput.

    Those that differ in case alone are one: the first.
    """
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"An image has {MOST_TAGS} tags at the most.", field="tags")
    return _clean(tags)


def _clean(tags: Iterable[str]) -> list[str]:
    unique: dict[str, str] = {}
    for tag in map(str.strip, tags):
        if not _is_label(tag, LONGEST_TAG):
            raise InvalidInput(f"A tag is 1 to {LONGEST_TAG} printable characters.", field="tags")
        unique.setdefault(tag.casefold(), tag)
    return sorted(unique.values())


def _clean_note(note: str | None) -> str | None:
    """Return a note that both databases can keep; an empty one is none."""
    if note is None:
        return None
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"A note has {LONGEST_NOTE:,} characters at the most.", field="note")
    if "\0" in note or note != note.encode("utf-8", "replace").decode():
        raise InvalidInput("The note holds characters that are not text.", field="note")
    return note or None


def _clean_project(project: str | None) -> str | None:
    if project is not None and not _is_label(project, LONGEST_PROJECT):
        raise InvalidInput(
            f"A project is 1 to {LONGEST_PROJECT} printable characters.", field="project"
        )
    return project


def _is_label(text: str, longest: int) -> bool:
    return 1 <= len(text) <= longest and text.isprintable()


def _set_tags(image: Image, tags: Collection[str]) -> None:
    """Let an image have these tags, and leave the rows be of those that it has."""
    kept = {row.tag: row for row in image.tag_rows}
    image.tag_rows = [kept.get(tag) or ImageTag(tag=tag) for tag in tags]


@contextmanager
def _transaction() -> Iterator[None]:
    """Commit at the end, or, if anything is raised, undo all and let go of the locks."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def _locked(ids: Iterable[int]) -> list[Image]:
    """Return the images with these ids, which nobody else changes until the commit.

    Raises NotFound that names those that are not there.
    """
    wanted = set(ids)
    # SQLite has one lock for all, taken at the first write, be it of nothing. PostgreSQL locks row
    # by row, in the order of ids: two that want the same rows never wait for each other in a circle.
    db.session.execute(update(Image).where(false()).values(revision=Image.revision))
    query = select(Image).where(Image.id.in_([each for each in wanted if each in IDS]))
    locked = query.order_by(Image.id).with_for_update(key_share=True)
    fresh = locked.options(selectinload(Image.tag_rows)).execution_options(populate_existing=True)
    images = list(db.session.scalars(fresh))
    unknown = wanted - {image.id for image in images}
    if unknown:
        raise NotFound(_unknown(sorted(unknown)))
    return images


def _unknown(ids: list[int]) -> str:
    if len(ids) == 1:
        return f"There is no image {ids[0]}."
    named = ", ".join(map(str, ids[:NAMED_AT_MOST]))
    more = f" and {len(ids) - NAMED_AT_MOST} more" if len(ids) > NAMED_AT_MOST else ""
    return f"There are no images {named}{more}."


def _apply(change: Change, images: list[Image]) -> int:
    """Change images that are locked and flush; return how many were not so already."""
    deleted = {image.id for image in images if image.deleted_at is not None}
    changed = [image for image in images if _changes(change, image)]
    db.session.flush()
    gone: Counter[int] = Counter()
    for image in changed:
        gone[quarter_of(image.position)] += (image.deleted_at is not None) - (image.id in deleted)
    book({quarter: (-count, count) for quarter, count in gone.items()})
    if changed:
        history_revision.bump()
    return len(changed)


def _changes(change: Change, image: Image) -> bool:
    change(image)
    if not db.session.is_modified(image):
        return False
    image.revision += 1
    return True
