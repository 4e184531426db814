"""What became of a generation, as OpenAI's clients read it.

Only words that the official client knows are told in its own fields: it may be strict about them.
What is ours alone comes in fields of our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.compat.openai.body import ImageBody
from app.compat.openai.pictures import picture_of
from app.compat.openai.usage import no_usage, usage_of
from app.compat.openai.waiting import deleted, live
from app.errors import Gone
from app.models import Generation, Image

if TYPE_CHECKING:
    from app.imaging import WrittenFormat

FORMATS = {"image/png": "png", "image/jpeg": "jpeg", "image/webp": "webp"}
QUALITIES = {"low", "medium", "high", "xhigh", "max"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the pictures are to be answered; None: as they are kept, and in base64."""

    response_format: str | None = None
    output_format: WrittenFormat | None = None
    compression: int | None = None
    quality: str | None = None
    stream: bool = False

    @classmethod
    def of(cls, body: ImageBody) -> Wanted:
        """Return what a body says of it."""
        return cls(
            response_format=body.response_format,
            output_format=body.output_format,
            compression=body.output_compression,
            quality=body.quality,
            stream=bool(body.stream),
        )


def images_answer(generation: Generation, wanted: Wanted) -> dict[str, Any]:
    """Return the answer with the pictures of a generation that has ended. Raises Gone without any."""
    images = live(generation)
    if not images:
        raise deleted(generation)
    ended = generation.finished_at or generation.created_at
    answer = {
        "created": int(ended.timestamp()),
        "data": [_picture(generation, each, wanted) for each in images],
        "generation": generation.id,
        "usage": usage_of(images),
        "output_format": _same(_format(each, wanted) for each in images),
        "size": _same(_size(each) for each in images),
        "quality": wanted.quality if wanted.quality in QUALITIES else None,
        "incomplete": _incomplete(generation, len(images)),
    }
    return _without_none(answer)


def completed_event(
    kind: str, generation: Generation, image: Image, wanted: Wanted
) -> dict[str, Any]:
    """Return the event that tells of one picture; `kind` is what made it, such as "image_edit"."""
    # Clients know these three, and nothing but base64.
    as_what = _format(image, wanted) or "png"
    event = {
        "type": f"{kind}.completed",
        "created_at": int(image.created_at.timestamp()),
        "background": "auto",
        "output_format": as_what,
        "quality": wanted.quality if wanted.quality in QUALITIES else "auto",
        "size": _size(image),
        "usage": usage_of([image]) or no_usage(),
        "generation": generation.id,
        "id": image.id,
        "revised_prompt": _revised(generation),
        **picture_of(
            image, "b64_json", wanted.output_format or _converted(image), wanted.compression
        ),
    }
    return _without_none(event)


def _picture(generation: Generation, image: Image, wanted: Wanted) -> dict[str, Any]:
    picture = picture_of(image, wanted.response_format, wanted.output_format, wanted.compression)
    return _without_none({**picture, "revised_prompt": _revised(generation), "id": image.id})


def _converted(image: Image) -> WrittenFormat | None:
    return None if image.mime_type in FORMATS else "png"


def _format(image: Image, wanted: Wanted) -> str | None:
    return wanted.output_format or FORMATS.get(image.mime_type)


def _size(image: Image) -> str:
    return f"{image.width}x{image.height}"


def _revised(generation: Generation) -> str | None:
    """Return the words that were sent, where a template made others of them."""
    changed = generation.final_prompt != generation.prompt
    return generation.final_prompt if changed else None


def _incomplete(generation: Generation, there: int) -> dict[str, Any] | None:
    """Say why there are fewer pictures than were asked for."""
    if there >= generation.n:
        return None
    return {
        "asked": generation.n,
        "code": generation.error_code or Gone.code,
        "message": generation.error_message or "The others were deleted.",
    }


def _same(values: Any) -> Any:
    """Return what all of them are, or None."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
