"""What a program asks a provider for, and the call that is made for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from app.logs import request_id
from app.providers.base import ImageData


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program asks for. None: it does not say.

    `prompt` is the words of its last turn, `final_prompt` all words that are sent, in order; both may
    be blank where it sends pictures alone. `inputs` are those, in order.
    """

    model: str
    prompt: str
    final_prompt: str
    aspect_ratio: str | None = None
    size: str | None = None
    seed: int | None = None
    inputs: tuple[ImageData, ...] = ()
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose record is committed: it runs, and what it may cost is reserved.

    `provider` and `model` are who draws; `size` is None where what was said cannot be one.
    """

    id: str
    api_key_id: int
    provider: str
    model: str
    final_prompt: str = field(repr=False)
    aspect_ratio: str
    size: str | None
    seed: int | None
    inputs: tuple[ImageData, ...] = field(repr=False)
    project: str | None
    request_id: str | None = field(default_factory=request_id)
    began: float = field(default_factory=time.monotonic)

    def milliseconds(self) -> int:
        """Return how long ago it began."""
        return round((time.monotonic() - self.began) * 1000)
