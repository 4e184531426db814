"""What happened with prompts, counted from all rows of their uses: where there are not too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models.generation import Status
from app.models.image import IMAGES
from app.models.reporting.prompts.uses import GENERATIONS, Uses, place_of


@dataclass(frozen=True, slots=True)
class Tallies:
    """Numbers by the prompt's id; `last` is the place of its last use (see `place_of`)."""

    uses: Counter[int] = field(default_factory=Counter)
    images: Counter[int] = field(default_factory=Counter)
    favourites: Counter[int] = field(default_factory=Counter)
    failures: Counter[int] = field(default_factory=Counter)
    last: dict[int, str] = field(default_factory=dict)

    def note(self, places: Iterable[tuple[int, str]]) -> None:
        """Take in places of uses by their prompts."""
        for prompt_id, place in places:
            if place > self.last.get(prompt_id, ""):
                self.last[prompt_id] = place

    def of(self, prompts: Collection[int]) -> Tallies:
        """Return the numbers of some prompts alone."""

        def chosen(counts: Counter[int]) -> Counter[int]:
            return Counter({each: counts[each] for each in prompts})

        return Tallies(
            uses=chosen(self.uses),
            images=chosen(self.images),
            favourites=chosen(self.favourites),
            failures=chosen(self.failures),
            last={each: self.last[each] for each in prompts if each in self.last},
        )


def tally(uses: Uses) -> Tallies:
    """Return what happened with all prompts."""
    found = Tallies()
    columns = IMAGES.c.prompt_id, IMAGES.c.favourite, IMAGES.c.generation_id, IMAGES.c.position
    images = _read(columns, [IMAGES.c.prompt_id.is_not(None), *uses.images()])
    found.images.update(row[0] for row in images)
    found.favourites.update(row[0] for row in images if row[1])
    if uses.tag is None:
        _add_generations(found, uses)
    else:
        # Each generation once, however many of its images carry the tag.
        asked = {(row[0], row[2]) for row in images if row[2]}
        found.uses.update(prompt for prompt, _ in asked)
        found.note(asked)
    loose = [row for row in images if row[2] is None]
    found.uses.update(row[0] for row in loose)
    found.note((row[0], place_of(row[3])) for row in loose)
    return found


def _add_generations(found: Tallies, uses: Uses) -> None:
    columns = GENERATIONS.c.prompt_id, GENERATIONS.c.id, GENERATIONS.c.status
    rows = _read(columns, [GENERATIONS.c.prompt_id.is_not(None), *uses.generations()])
    found.uses.update(row[0] for row in rows)
    found.failures.update(row[0] for row in rows if row[2] == Status.FAILED)
    found.note((row[0], row[1]) for row in rows)


def _read(columns: Sequence[Any], conditions: Sequence[Any]) -> Sequence[Any]:
    return db.session.connection().execute(select(*columns).where(*conditions)).all()
