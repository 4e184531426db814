"""Pictures as assistants are shown them: small enough for what reads them, and for its limits."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli.mcp.tool import Shown
from app.errors import InvalidInput
from app.models.picture_file import picture_file, thumbnail_file

SIDE = 640
SMALL_SIDE = 320
LARGE_SIDE = 1568
# Some assistants take no more than a megabyte of an answer, where a third of it is base64's.
MOST_BYTES = 600_000
# What others refuse of a picture begins at five megabytes of base64.
MOST_BYTES_OF_ONE = 3_700_000


def previews(ids: Sequence[int]) -> list[Shown]:
    """Return a preview of each picture, from the first on, as far as they fit into one answer."""
    for side in (SIDE, SMALL_SIDE):
        shown = [_thumbnail(each, side) for each in ids]
        if sum(len(each.data) for each in shown) <= MOST_BYTES:
            return shown
    total = 0
    for count, each in enumerate(shown):
        total += len(each.data)
        if total > MOST_BYTES:
            return shown[:count]
    return shown


def preview(image_id: int) -> Shown:
    """Return a preview of one picture. Raises NotFound."""
    return _thumbnail(image_id, SIDE)


def large(image_id: int) -> Shown:
    """Return a picture at a size at which its details can be seen. Raises NotFound."""
    from app import imaging  # with Pillow, which most calls do without

    data = picture_file(image_id).read()
    # It was within the limits when it came; they may have been lowered since.
    limits = imaging.Limits(len(data), imaging.MOST_PIXELS)
    return Shown(imaging.reduced(data, LARGE_SIDE, limits=limits))


def original(image_id: int) -> Shown:
    """Return a picture byte for byte. Raises NotFound, and InvalidInput for one that is too large."""
    file = picture_file(image_id)
    data = file.read()
    if len(data) > MOST_BYTES_OF_ONE:
        raise InvalidInput(
            f"The file has {len(data) / 1e6:.1f} MB, over the {MOST_BYTES_OF_ONE / 1e6:.1f} MB that "
            "are shown to assistants. Ask for the size large.",
            field="size",
        )
    return Shown(data, file.mime_type)


def _thumbnail(image_id: int, side: int) -> Shown:
    return Shown(thumbnail_file(image_id, side).read())
