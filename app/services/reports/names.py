"""What dimensions are called, and how their values are told: keys by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from app.errors import InvalidInput
from app.extensions import db
from app.models import ApiKey
from app.models.reporting.reading import Part

T = TypeVar("T")
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


def by_name(
    dimensions: Sequence[str], found: Mapping[Part, T], add: Callable[[Iterable[T]], T]
) -> dict[Part, T]:
    """Return the same with the names of keys in place of their ids; an empty text for none.

    A name is free again once its key is revoked: what keys of one name come to, `add` makes one of.
    """
    if "api_key_id" not in dimensions:
        return dict(found)
    at = dimensions.index("api_key_id")
    ids = {values[at] for _, values in found}
    rows = db.session.execute(select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(ids)))
    names: dict[int, str] = {row.id: row.name for row in rows}
    named: dict[Part, list[T]] = defaultdict(list)
    for (index, values), part in found.items():
        name = names.get(values[at], "")
        named[index, (*values[:at], name, *values[at + 1 :])].append(part)
    return {part: add(each) for part, each in named.items()}


def columns(dimensions: Sequence[str], values: tuple[Any, ...]) -> dict[str, Any]:
    """Return the columns of a row with these values, null where there is none; keys by their names."""
    names = ("key" if name == "api_key_id" else name for name in dimensions)
    return {name: value or None for name, value in zip(names, values, strict=True)}
