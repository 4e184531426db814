"""Pictures as the gallery shows them: tiles in rows, under the days they were made on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import request

from app.extensions import current_settings
from app.models.image_row import ImageRow
from app.models.types import utc_now
from app.web.assets import ratio_class
from app.web.look import look
from app.web.moments import day_name, month_name

SIZES = 320, 640
# How high the rows of a wide page and of a phone are, when they are spread to fill the width; by what
# was chosen for the device.
ROWS = {"small": (180, 100), "medium": (260, 140), "large": (380, 220)}
LONGEST_ALT = 300


@dataclass(frozen=True, slots=True)
class Tile:
    """What the template of a tile needs; sizes in pixels."""

    id: int
    href: str
    prompt: str
    alt: str
    thumbnail: str
    srcset: str
    sizes: str
    width: int
    height: int
    ratio_class: str
    color: str | None
    favourite: bool
    deleted: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The tiles of one day or month in the owner's time zone; `day` is its date, or year and month."""

    day: str
    name: str
    tiles: list[Tile]


def days(
    rows: Iterable[ImageRow], parameters: list[tuple[str, str]], *, by_month: bool = False
) -> list[Day]:
    """Return rows as tiles by day, in their order; links go on with the filter's parameters.

    What a search finds lies far apart: by the month it looks like something.
    """
    zone = current_settings().zone
    today = utc_now().astimezone(zone).date()
    suffix = f"?{urlencode(parameters)}" if parameters else ""

    def first_of(row: ImageRow) -> date:
        created_at: datetime = row.columns["created_at"]
        day = created_at.astimezone(zone).date()
        return day.replace(day=1) if by_month else day

    return [
        Day(
            f"{first:%Y-%m}" if by_month else str(first),
            month_name(first) if by_month else day_name(first, today),
            [tile(row, suffix) for row in group],
        )
        for first, group in groupby(rows, first_of)
    ]


def tile(row: ImageRow, suffix: str = "") -> Tile:
    """Return one row as a tile; `suffix` is the query that its link goes on with."""
    image = row.columns
    width, height = _size(image)
    ratio = width / height
    row_height, on_phone = ROWS[look().tiles]
    root = request.script_root
    address = f"{root}/api/images/{image['id']}/thumbnail?v={image['sha256'][:12]}"
    widths = {size: max(1, round(width * min(1, size / max(width, height)))) for size in SIZES}
    return Tile(
        id=image["id"],
        href=f"{root}/images/{image['id']}{suffix}",
        prompt=image["prompt"][:LONGEST_ALT],
        alt=image["prompt"][:LONGEST_ALT],
        thumbnail=f"{address}&size={SIZES[0]}",
        srcset=", ".join(f"{address}&size={size} {wide}w" for size, wide in widths.items()),
        sizes=f"(width < 40rem) {round(on_phone * ratio)}px, {round(row_height * ratio)}px",
        width=width,
        height=height,
        ratio_class=ratio_class(width, height),
        color=image["color"],
        favourite=image["favourite"],
        deleted=image["deleted_at"] is not None,
    )


def _size(image: dict[str, Any]) -> tuple[int, int]:
    # Pictures from before sizes were kept count as square until they are looked at.
    return image["width"] or 1, image["height"] or 1
