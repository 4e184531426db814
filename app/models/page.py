"""Pages of a list: numbered ones with a total, and slices that go on by cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from app.errors import InvalidInput
from app.extensions import current_settings
from app.models.cursor import Cursor

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Sequence[Item], Generic[Item]):
    """One numbered page, to be used as the list of its items. Pages count from 1.

    `capped`: there are more than `total`, which is as far as is counted for a filter.
    """

    items: list[Item] = field(default_factory=list)
    total: int = 0
    page: int = 1
    per_page: int = 20
    capped: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are; 0 when there is nothing."""
        return -(-self.total // self.per_page)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """Some items in order, and where to go on in either direction (None: nothing is there)."""

    items: list[Item]
    after: Cursor | None
    before: Cursor | None


def check_size(size: int, field: str) -> None:
    """Raise InvalidInput, of the parameter `field`, for a page with so many entries if none has."""
    largest = current_settings().max_page_size
    if not 1 <= size <= largest:
        raise InvalidInput(f"A page has 1 to {largest} entries.", field=field)
