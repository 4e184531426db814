"""What sums are kept of: all together, by model, by key, and so on.

A report by model reads the few rows that are kept by model, and not those of each model, key, project
and template by themselves; any other combination is answered from the latter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.types import one_of


class Dimensions(NamedTuple):
    """By what sums can be told apart; an empty text, or a key of 0, where there is none.

    `api_key_id` is the key that asked (0: the command line), `error_code` why a generation failed.
    """

    provider: str = ""
    model: str = ""
    size: str = ""
    api_key_id: int = 0
    project: str = ""
    template: str = ""
    error_code: str = ""


class Cube(StrEnum):
    """By which dimensions together sums are kept, the smallest first."""

    ALL = "all"
    KEY = "key"
    PROJECT = "project"
    TEMPLATE = "template"
    MODEL = "model"
    ERROR = "error"
    FULL = "full"


_OF = {
    Cube.ALL: frozenset[str](),
    Cube.KEY: frozenset({"api_key_id"}),
    Cube.PROJECT: frozenset({"project"}),
    Cube.TEMPLATE: frozenset({"template"}),
    Cube.MODEL: frozenset({"provider", "model", "size"}),
    Cube.ERROR: frozenset({"provider", "model", "error_code"}),
    Cube.FULL: frozenset(Dimensions._fields),
}


class ReportSeries(Base):
    """One combination of dimensions that sums are kept of; those that its cube leaves out are empty."""

    __tablename__ = "report_series"
    __table_args__ = (Index(None, "cube"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cube: Mapped[Cube] = mapped_column(one_of(Cube))
    provider: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(100))
    size: Mapped[str] = mapped_column(String(8))
    api_key_id: Mapped[int] = mapped_column(BigInteger)
    project: Mapped[str] = mapped_column(String(100))
    template: Mapped[str] = mapped_column(String(64))
    error_code: Mapped[str] = mapped_column(String(40))


class Series(NamedTuple):
    """A row of `report_series`."""

    id: int
    cube: Cube
    dimensions: Dimensions


def smallest_cube(names: Collection[str]) -> Cube:
    """Return the cube with the fewest sums that tells all of these dimensions apart."""
    return next(cube for cube in Cube if _OF[cube].issuperset(names))


@lru_cache(maxsize=4096)
def series_of(dimensions: Dimensions) -> tuple[Series, ...]:
    """Return the series that something with these dimensions is counted in: one of each cube.

    What did not fail is in none of the errors.
    """
    cubes = [cube for cube in Cube if cube != Cube.ERROR or dimensions.error_code]
    return tuple(_series(cube, dimensions) for cube in cubes)


def _series(cube: Cube, dimensions: Dimensions) -> Series:
    rest = [name for name in Dimensions._fields if name not in _OF[cube]]
    none = Dimensions()
    kept = dimensions._replace(**{name: getattr(none, name) for name in rest})
    # The id follows from what it stands for, so that nobody need look it up, and two processes that
    # meet something new at the same time agree.
    digest = hashlib.sha256("\x1f".join([cube, *map(str, kept)]).encode()).digest()
    return Series(int.from_bytes(digest[:8], "big") >> 1, cube, kept)
