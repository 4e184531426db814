"""What a page of a report is made of, for templates that know no numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import Markup


class Cell(NamedTuple):
    """A cell of a table; numbers stand to the right."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; `left_out` so many more rows are in the CSV alone."""

    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Tile:
    """A number at the top: what it is, and how it went."""

    name: str
    value: str
    said: str = ""
    spark: Markup | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A place in a ranking: a name, with a bar as long as its value.

    `find` is the gallery's filter that shows its pictures. A `prompt` has room for its newest picture,
    which it may lack.
    """

    name: str
    value: str
    bar: Markup
    said: str = ""
    find: Mapping[str, Any] = field(default_factory=dict)
    prompt: bool = False
    picture: Any = None


class Sign(NamedTuple):
    """A line of a legend."""

    swatch: Markup
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """One chart or one list, with its table. `kind` is a class; `empty` is said in place of a chart."""

    title: str
    charts: Sequence[Markup] = ()
    legend: Sequence[Sign] = ()
    items: Sequence[Item] = ()
    table: Table | None = None
    said: str = ""
    empty: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All of it. `csv` is the query with which the API gives the rows; `reasons` are failures' own."""

    tiles: Sequence[Tile] = ()
    cards: Sequence[Card] = ()
    notes: Sequence[str] = ()
    csv: dict[str, str] = field(default_factory=dict)
    report: str = ""
    empty: bool = False
    more: Any = None
