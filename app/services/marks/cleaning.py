"""What people type as tags, notes and projects, as it is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.errors import InvalidInput
from app.models.types import LONGEST_LABEL, is_label

MOST_TAGS = 50
LONGEST_TAG = 64
LONGEST_NOTE = 10_000


def clean_tags(tags: Collection[str]) -> list[str]:
    """Return the tags without space around them, sorted, each once. Raises InvalidInput.

    Those that differ in case alone are one: the first.
    """
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"An image has {MOST_TAGS} tags at the most.", field="tags")
    stripped = [tag.strip() for tag in tags]
    if not all(is_label(tag, LONGEST_TAG) for tag in stripped):
        raise InvalidInput(f"A tag is 1 to {LONGEST_TAG} printable characters.", field="tags")
    return unique_tags(stripped)


def unique_tags(tags: Iterable[str]) -> list[str]:
    """Return clean tags sorted, and of those that differ in case alone the first."""
    unique: dict[str, str] = {}
    for tag in tags:
        unique.setdefault(tag.casefold(), tag)
    return sorted(unique.values())


def clean_note(note: str | None) -> str | None:
    """Return a note that both databases can keep; an empty one is none. Raises InvalidInput."""
    if note is None:
        return None
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"A note has {LONGEST_NOTE:,} characters at the most.", field="note")
    if "\0" in note or note != note.encode("utf-8", "replace").decode():
        raise InvalidInput("The note holds characters that are not text.", field="note")
    return note or None


def clean_project(project: str | None) -> str | None:
    """Return the label of a project, or None for none. Raises InvalidInput."""
    if project is not None and not is_label(project):
        raise InvalidInput(
            f"A project is 1 to {LONGEST_LABEL} printable characters.", field="project"
        )
    return project
