"""Images that come in: as their records tell, or as can be told of a picture alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import InvalidInput, InvalidPrompt
from app.extensions import current_settings
from app.models import Source
from app.models.image_manager import ImageDetails
from app.models.prompt_manager import clean_prompt
from app.models.types import LARGEST_NUMBER, utc_now
from app.services.archive import foreign, kinds
from app.services.archive.fields import decoded, is_ids, is_text, moment
from app.services.archive.foreign import Told
from app.services.archive.keeping import Incoming
from app.services.marks.cleaning import clean_note, clean_project, clean_tags
from app.services.uploads import title_of

# What the picture itself tells again, or what has no column.
_OF_PICTURE = ("width", "height", "byte_count", "mime_type", "color")
_COLUMNS = tuple(each for each in kinds.IMAGE if each.key not in _OF_PICTURE)
_REQUIRED = ("id", "created_at", "source", "sha256", "prompt")
_NO_DETAILS = ("id", "created_at", "prompt", "sha256")


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image as it was exported, without its picture, whose file is `file`."""

    row: dict[str, Any]
    file: str
    made_by: Any
    tags: tuple[str, ...]
    parents: tuple[int, ...]
    past_prompt: bool

    def incoming(
        self, name: str, data: bytes, generation: dict[str, Any] | None = None
    ) -> Incoming:
        """Return it with its picture. Raises InvalidInput where that is another one."""
        if hashlib.sha256(data).hexdigest() != self.row["sha256"]:
            raise InvalidInput("The picture is not the one that its record tells of.")
        columns = {key: value for key, value in self.row.items() if key not in _NO_DETAILS}
        return Incoming(
            name=name,
            data=data,
            sha256=self.row["sha256"],
            words=self.row["prompt"],
            created_at=self.row["created_at"],
            details=ImageDetails(**columns, tags=self.tags),
            is_prompt=self.past_prompt,
            is_exact=True,
            made_by=self.made_by,
            generation=generation,
            id=self.row["id"],
            parents=self.parents,
        )


def checked(record: Any) -> ImageRecord:
    """Return an exported image. Raises InvalidInput for what it cannot be."""
    row = decoded(_COLUMNS, record, _REQUIRED)
    row["prompt"] = clean_prompt(row["prompt"], LARGEST_NUMBER)
    row["project"] = clean_project(row["project"])
    row["note"] = clean_note(row["note"])
    tags, parents = record.get("tags") or [], record.get("parents") or []
    if not (isinstance(tags, list) and all(isinstance(each, str) for each in tags)):
        raise InvalidInput("Its tags are no list of texts.", field="tags")
    if not is_ids(parents):
        raise InvalidInput("Its parents are no list of ids.", field="parents")
    return ImageRecord(
        row=row,
        file=str(record.get("file") or ""),
        made_by=record.get("made_by"),
        tags=tuple(clean_tags(tags)),
        parents=tuple(dict.fromkeys(parents)),
        past_prompt=record.get("past_prompt", True) is not False,
    )


def loose(
    name: str, data: bytes, modified_at: datetime | None, beside: Mapping[str, Any] | str | None
) -> Incoming:
    """Return a picture of which a file beside it, its own texts or its name tell the words.

    `beside` is what a JSON file says, or a text.
    """
    told = _told(data, beside)
    words = _words(told)
    about = beside if isinstance(beside, dict) else {}
    return Incoming(
        name=name,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        words=words or title_of(name),
        created_at=_moment(about, modified_at),
        details=ImageDetails(
            source=Source.IMPORT,
            model=told.model if told else None,
            seed=told.seed if told else None,
            tags=_tags(about),
        ),
        is_prompt=words is not None,
    )


def _told(data: bytes, beside: Mapping[str, Any] | str | None) -> Told | None:
    # With Pillow, which most commands do without.
    from app.imaging.exif_texts import user_comment
    from app.imaging.text_chunks import png_texts

    if isinstance(beside, str) and beside.strip():
        return Told(beside)
    found = foreign.told_by_record(beside) if isinstance(beside, dict) else None
    if found := found or foreign.told_by(png_texts(data)):
        return found
    comment = user_comment(data)
    return None if comment is None else foreign.told_by_comment(comment)


def _words(told: Told | None) -> str | None:
    """Return a prompt that can be kept, None where there is none."""
    if told is None:
        return None
    try:
        return clean_prompt(told.prompt, current_settings().max_prompt_characters)
    except InvalidPrompt:
        return None


def _moment(about: Mapping[str, Any], modified_at: datetime | None) -> datetime:
    now = utc_now()
    try:
        found = moment(about.get("created_at"))
    except (TypeError, ValueError):
        found = modified_at or now
    return min(found, now)


def _tags(about: Mapping[str, Any]) -> tuple[str, ...]:
    tags = about.get("tags")
    if not isinstance(tags, list) or not all(isinstance(e, str) and is_text(e) for e in tags):
        return ()
    try:
        return tuple(clean_tags(tags))
    except InvalidInput:
        return ()
