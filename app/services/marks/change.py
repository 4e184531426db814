"""What shall become of images, told without them: the same for one as for a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from app.models.types import utc_now
from app.services.marks.cleaning import clean_note, clean_project, clean_tags, unique_tags

# From the tags that an image has to those that it shall have.
TagChange = Callable[[list[str]], list[str]]


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
class Change:
    """Columns of `images` by name with what they shall hold, and what happens to the tags.

    A `deleted_at` is for those alone that are not deleted yet.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    tags: TagChange | None = None


def put(marks: Marks) -> Change:
    """Have an image's marks be these. Raises InvalidInput."""
    columns: dict[str, Any] = {}
    if marks.favourite is not KEEP:
        columns["favourite"] = marks.favourite
    if marks.note is not KEEP:
        columns["note"] = clean_note(marks.note)
    if marks.project is not KEEP:
        columns["project"] = clean_project(marks.project)
    if marks.tags is KEEP:
        return Change(columns)
    tags = clean_tags(marks.tags)
    return Change(columns, lambda _: tags)


def add_tags(tags: Collection[str]) -> Change:
    """Have an image carry these tags too. Raises InvalidInput."""
    return change_tags(tags, ())


def remove_tags(tags: Collection[str]) -> Change:
    """Take these tags off an image, however they are capitalised. Raises InvalidInput."""
    return change_tags((), tags)


def change_tags(added: Collection[str], removed: Collection[str]) -> Change:
    """Have an image carry some tags and lose others; one that is both is lost. Raises InvalidInput."""
    wanted, unwanted = clean_tags(added), {tag.casefold() for tag in clean_tags(removed)}
    return Change(
        tags=lambda kept: [
            tag for tag in unique_tags([*kept, *wanted]) if tag.casefold() not in unwanted
        ]
    )


def delete() -> Change:
    """Delete an image softly; one that is deleted keeps the time when it was."""
    return Change({"deleted_at": utc_now()})


def restore() -> Change:
    """Undo a soft delete."""
    return Change({"deleted_at": None})
