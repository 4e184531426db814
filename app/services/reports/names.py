"""What dimensions are called, and how their values are told: keys by their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app.errors import InvalidInput
from app.extensions import db
from app.models import ApiKey

# What a report can be split by, and the dimensions behind it.
SPLITS = {
    "model": ("provider", "model"),
    "provider": ("provider",),
    "project": ("project",),
    "key": ("api_key_id",),
    "size": ("size",),
    "template": ("template",),
}


def dimensions_of(split: str | None) -> tuple[str, ...]:
    """Return the dimensions of a split; none for no split. Raises InvalidInput."""
    if split is None:
        return ()
    if split not in SPLITS:
        raise InvalidInput(f"A report is split by one of {', '.join(SPLITS)}.", field="split")
    return SPLITS[split]


class Labels:
    """Turns values of dimensions into what people know them by; null where there is none."""

    def __init__(self, dimensions: Sequence[str], values: Iterable[tuple[Any, ...]]) -> None:
        self._dimensions = dimensions
        self._keys: dict[int, str] = {}
        if "api_key_id" in dimensions:
            at = dimensions.index("api_key_id")
            ids = {value[at] for value in values}
            rows = db.session.execute(select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(ids)))
            self._keys = {row.id: row.name for row in rows}

    def columns(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Return the columns of a row with these values."""
        return {
            "key" if name == "api_key_id" else name: (
                self._keys.get(value) if name == "api_key_id" else value or None
            )
            for name, value in zip(self._dimensions, values, strict=True)
        }
