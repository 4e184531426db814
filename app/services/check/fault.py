"""What a checker finds, and what it is that finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Of each kind so many ids are told.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which something can be wrong.

    `what` tells it in the plural, `mend` what `check --repair` does about it: None where nobody can
    mend it without losing something; `advice` is for those.
    """

    name: str
    what: str
    mend: str | None = None
    advice: str | None = None


# Told by whoever meets it, for whatever it was that could not be read.
DAMAGED = Kind(
    "file-damaged",
    "complaints of the database about its file",
    advice="The file is damaged: restore a backup, or save what can be read with "
    "`sqlite3 FILE .recover`. --repair leaves a damaged file alone.",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `id` names the row, as its own table does."""

    kind: Kind
    id: Any


@dataclass(frozen=True, slots=True)
class Options:
    """How thoroughly to look. `quick`: no picture is read."""

    quick: bool = False


# Tells how far a long look is: how many rows were looked at.
Progress = Callable[[int], None]
# Called with the ids of faults; mends and commits those that are still there, returns how many.
Mend = Callable[[list[Any]], int]


@dataclass(frozen=True, slots=True)
class Checker:
    """Looks for some kinds of faults, and mends those that can be mended.

    `count` tells how many rows `find` will look at, where that is worth a bar; `slow` ones are left
    out of a quick check.
    """

    name: str
    what: str
    find: Callable[[Options, Progress], Iterator[Fault]]
    mends: Mapping[Kind, Mend] = field(default_factory=dict)
    count: Callable[[], int] | None = None
    slow: bool = False


@dataclass(slots=True)
class Finding:
    """All faults of one kind: how many, the first ids, how many were mended, and how many are left."""

    kind: Kind
    count: int = 0
    first: list[Any] = field(default_factory=list)
    mended: int = 0
    left: int = 0

    def note(self, fault: Fault) -> None:
        """Count one more."""
        self.count += 1
        self.left += 1
        if len(self.first) < SHOWN:
            self.first.append(fault.id)

    def add(self, other: Finding) -> None:
        """Count what another checker found of the same kind."""
        self.count += other.count
        self.left += other.left
        self.mended += other.mended
        self.first = [*self.first, *other.first][:SHOWN]
