"""Which uses of prompts a report is about, as conditions on their rows.

A use is a generation, or an image without one: what was uploaded, imported or added by a program.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, and_, exists, false, func, or_, select
from ulid import ULID

from app.extensions import db
from app.models.generation import Generation
from app.models.image import IMAGES, ImageTag
from app.models.image_filter import EPOCH, MICROSECOND, position_of
from app.models.prompt_row import PROMPTS

GENERATIONS = cast(Table, Generation.__table__)
# An id begins with so many letters of its time, in milliseconds.
_TIME = 10
_REST = "0" * 16
# An image may be put into another project later; that does not change for which it was asked.
_OF_GENERATION = ("project", "template")


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses from `since` (inclusive) until `until` (exclusive), aware and of whole milliseconds.

    `only` holds the values that a column may have: of provider, model, api_key_id, project, template.
    With `tag`, only images that carry it now, and the generations that they are of, are counted. With
    `always`, there is nothing before or after, so that the rows are not asked when they were made.
    """

    since: datetime
    until: datetime
    only: Mapping[str, Collection[Any]] = field(default_factory=dict)
    tag: str | None = None
    always: bool = False

    def generations(self, *, seek: bool = True, by_prompt: bool = False) -> list[Any]:
        """Return what must hold of a row of `generations`.

        Unless it is to `seek`, the database looks for the time in no index, since it is to walk another;
        where rows are found `by_prompt`, it looks for nothing but that.
        """
        ids = GENERATIONS.c.id if seek else GENERATIONS.c.id.concat("")
        times = [ids >= time_part(self.since), ids < time_part(self.until)]
        return [
            *([] if self.always else times),
            *(_has(GENERATIONS.c[name], values, by_prompt) for name, values in self.only.items()),
        ]

    def images(self, *, seek: bool = True, by_prompt: bool = False) -> list[Any]:
        """Return what must hold of a row of `images`; `seek` and `by_prompt` as above."""
        return [
            *self._times(seek),
            *self._tag(),
            *(self._image(name, values, by_prompt) for name, values in self.only.items()),
        ]

    def loose_images(self) -> list[Any]:
        """Return what must hold of an image without a generation: it has no template."""
        return [
            IMAGES.c.generation_id.is_(None),
            IMAGES.c.prompt_id.is_not(None),
            *self._times(seek=True),
            *self._tag(),
            *(
                false() if name == "template" else IMAGES.c[name].in_(values)
                for name, values in self.only.items()
            ),
        ]

    def to_the_end(self) -> bool:
        """Tell whether no prompt was used later."""
        return newest_position() < position_of(self.until)

    def simplified(self) -> Uses:
        """Return the same, with `always` where that is so."""
        positions, ids = _ends(IMAGES.c.position), _ends(GENERATIONS.c.id)
        images = positions[0] is None or (
            position_of(self.since) <= positions[0] and positions[1] < position_of(self.until)
        )
        generations = ids[0] is None or (
            time_part(self.since) <= ids[0] and ids[1] < time_part(self.until)
        )
        return replace(self, always=images and generations)

    def _times(self, seek: bool) -> list[Any]:
        if self.always:
            return []
        position = IMAGES.c.position if seek else IMAGES.c.position + 0
        return [position >= position_of(self.since), position < position_of(self.until)]

    def _tag(self) -> list[Any]:
        if self.tag is None:
            return []
        return [IMAGES.c.id.in_(select(ImageTag.image_id).where(ImageTag.tag == self.tag))]

    def _image(self, name: str, values: Collection[Any], by_prompt: bool) -> Any:
        if name not in _OF_GENERATION:
            return _has(IMAGES.c[name], values, by_prompt)
        asked = exists().where(
            GENERATIONS.c.id == IMAGES.c.generation_id, GENERATIONS.c[name].in_(values)
        )
        if name == "template":
            return asked
        return or_(asked, and_(IMAGES.c.generation_id.is_(None), IMAGES.c.project.in_(values)))


def _has(column: Any, values: Collection[Any], by_prompt: bool) -> Any:
    """Return that a column has one of the values: looked for in no index where that is by prompt."""
    if by_prompt:
        column = column + 0 if column.type.python_type is int else column.concat("")
    return column.in_(values)


def _ends(column: Any) -> Sequence[Any]:
    """Return the least and the greatest value, each from an index; None where there are no rows."""
    ends = (select(end(column)).scalar_subquery() for end in (func.min, func.max))
    return db.session.connection().execute(select(*ends)).one()


def newest_position() -> int:
    """Return the position of the prompt that was used last; 0 when there is none."""
    return db.session.connection().execute(select(func.max(PROMPTS.c.position))).scalar() or 0


def time_part(moment: datetime) -> str:
    """Return how the id of a generation begins that is asked for at an aware moment.

    Ids of before are less, those of later ones are not.
    """
    return str(ULID.from_timestamp((moment - EPOCH) // (1_000 * MICROSECOND)))[:_TIME]


def place_of(position: int) -> str:
    """Return where an image's position is among the ids of generations: as text, and of its own."""
    begins = str(ULID.from_timestamp(position // 1_000))[:_TIME]
    return f"{begins}{position:016}"


def moment_of(place: str) -> datetime:
    """Return the moment of a generation's id, or of what `place_of` returns, to the millisecond."""
    return EPOCH + ULID.from_str(place[:_TIME] + _REST).milliseconds * 1_000 * MICROSECOND
