"""Two to four images beside each other: what their words and their settings differ in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.errors import InvalidInput, NotFound
from app.extensions import db
from app.models import Generation
from app.models.image_row import ImageRow, rows_of
from app.services.records import row_record
from app.services.word_diff import Piece, pieces

FEWEST = 2
MOST = 4
# What is held against each other, in the order in which it is told.
SETTINGS = (
    *("model", "provider", "dimensions", "aspect_ratio", "size", "seed", "template", "variables"),
    *("parents", "cost_usd", "latency_ms", "mime_type", "project", "source", "made_by"),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the images: its record, with its `dimensions`, `template`, `variables` and `cost_microusd`.

    `prompt` is its own in pieces, with what it lacks of the first one's.
    """

    image: dict[str, Any]
    prompt: list[Piece]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Images in the order in which they were named; `differing` are those of SETTINGS not all alike."""

    images: list[Compared]
    differing: frozenset[str]


def ids_of(text: str) -> list[int]:
    """Return the ids in a text such as "17,18". Raises InvalidInput, which says how to write them."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(re.fullmatch("[0-9]{1,19}", part) for part in parts):
        raise InvalidInput("Name the pictures by their numbers, as in 17,18.", field="ids")
    ids = list(dict.fromkeys(map(int, parts)))
    if not FEWEST <= len(ids) <= MOST:
        raise InvalidInput(
            f"Choose {FEWEST} to {MOST} pictures to compare; these are {len(ids)}.", field="ids"
        )
    return ids


def compare(ids: Sequence[int]) -> Comparison:
    """Return images side by side, deleted ones too. Raises NotFound that names what is not there."""
    rows = rows_of(ids)
    missing = sorted(set(ids).difference(row.id for row in rows))
    if missing:
        raise NotFound(f"There is no image {', '.join(map(str, missing))}.")
    asked = _generations(rows)
    records = [_record(row, asked) for row in rows]
    first = records[0]["prompt"]
    images = [Compared(record, pieces(first, record["prompt"])) for record in records]
    return Comparison(images, frozenset(filter(lambda name: _differ(records, name), SETTINGS)))


def _generations(rows: Sequence[ImageRow]) -> dict[str, Any]:
    ids = {row.generation_id for row in rows} - {None}
    columns = Generation.id, Generation.template, Generation.template_version, Generation.variables
    found = db.session.execute(select(*columns).where(Generation.id.in_(ids)))
    return {row.id: row for row in found}


def _record(row: ImageRow, generations: Mapping[str, Any]) -> dict[str, Any]:
    asked = generations.get(row.generation_id)
    template = asked and asked.template and (asked.template, asked.template_version)
    return {
        **row_record(row),
        "cost_microusd": row.cost_microusd,
        "dimensions": (row.width, row.height),
        "template": template,
        "variables": (asked and asked.variables) or None,
    }


def _differ(records: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(record[name] != records[0][name] for record in records)
