"""Long lists in parts that fit into one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
BATCH = 500


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in lists of up to 500: databases bound the parameters of a statement."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
