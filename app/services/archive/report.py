"""What became of an import."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from app.errors import InvalidInput

# More than a source may have files, so that only lines without end come so far.
MOST_SKIPPED = 300_000


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not taken: the name of its file, perhaps with a line, and why.

    `is_fault`: it was meant to be a part of the history.
    """

    name: str
    reason: str
    is_fault: bool


@dataclass(slots=True)
class Imported:
    """How many of each kind were taken in, how many were here before, and what was left out.

    `keys_made` are the names of keys that were made, revoked, for what they had made elsewhere.
    """

    taken: Counter[str] = field(default_factory=Counter)
    here: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    keys_made: list[str] = field(default_factory=list)

    def skip(self, name: str, reason: str, *, is_fault: bool = True) -> None:
        """Note that something was left out. Raises InvalidInput when it was too much."""
        if len(self.skipped) >= MOST_SKIPPED:
            raise InvalidInput(
                f"More than {MOST_SKIPPED:,} lines or files cannot be taken; what came before was. "
                f"The last is {name[:200]}: {reason}"
            )
        # A name in a folder need not be text.
        name = name.encode("utf-8", "replace").decode()
        self.skipped.append(Skipped(name, reason, is_fault))
