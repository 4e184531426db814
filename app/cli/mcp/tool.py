"""What a tool is: a name, what goes in, what comes out, and a function between the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.models import Role
from app.services.keys import KeyHolder


class Arguments(BaseModel):
    """What a tool is given: an unknown name is an error, so that a slip never goes unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: by whom, and the ways to whoever waits for it.

    `tell` takes the seconds since the call began and what goes on; it may be told to nobody. `is_over`
    tells whether nobody waits any more. `look_after_work` sees to it that somebody draws.
    """

    holder: KeyHolder
    tell: Callable[[float, str], None]
    is_over: Callable[[], bool]
    look_after_work: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as it is shown to an assistant."""

    data: bytes = field(repr=False)
    mime_type: str = "image/webp"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool tells, ready for JSON, and the pictures beside it."""

    told: dict[str, Any]
    pictures: Sequence[Shown] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. `run` takes the call and its checked `arguments`; what it tells fits `answer`.

    `costs`: it may cost money and adds to the history; the others only read.
    """

    name: str
    title: str
    description: str
    role: Role
    arguments: type[BaseModel]
    answer: type[BaseModel]
    run: Callable[[Call, Any], Answer]

    @property
    def costs(self) -> bool:
        """Tell whether it draws."""
        return self.role is not Role.VIEWER
