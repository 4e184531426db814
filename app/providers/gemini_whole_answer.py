"""All that an answer of Gemini's holds which somebody else asked for: pictures, and what went wrong.

It comes as they asked for it: one JSON object, an array of them, or a stream of events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from app.providers.base import ImageData, ProviderError
from app.providers.gemini_answer import (
    REFUSALS,
    bad_answer,
    blocked,
    counts_output,
    decode_picture,
    parts_of,
    picture_data,
    raise_if_blocked,
    usage_of,
    without_picture,
)
from app.providers.gemini_errors import from_status
from app.providers.gemini_json import count, table, tables, text
from app.providers.gemini_words import without

EVENT_STREAM: Final = "text/event-stream"
_INTERNAL: Final = 500
_FIRST, _LAST = 100, 599
# A program's own reader of events takes any of the three.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """Pictures in their order, the token counts of the whole, and what went wrong (None: nothing)."""

    pictures: tuple[ImageData, ...] = ()
    usage: dict[str, int] = field(default_factory=dict)
    failure: ProviderError | None = None


def read_whole(body: bytes, content_type: str, *, secret: str = "") -> WholeAnswer:
    """Read the body of an answer with status 200; raises nothing.

    Interim pictures ("thoughts") count only where there is no other, and then the last one. In a
    refusal they are none at all. `secret` is cut out of the provider's own words.
    """
    words = body.decode("utf-8", "replace")
    reader = _Reader()
    try:
        for message in _messages(words, content_type):
            # Before words are shortened, which might leave the half of it.
            reader.take(without(secret, message))
    except ProviderError as error:
        reader.failure = error
    return reader.answer()


class _Reader:
    """What was read of an answer so far."""

    def __init__(self) -> None:
        self.failure: ProviderError | None = None
        self._parts: list[dict[str, Any]] = []
        self._reason = ""
        self._usage: dict[str, int] = {}

    def take(self, message: dict[str, Any]) -> None:
        """Read one more message. Raises ProviderError where it tells of one."""
        candidates = tables(message.get("candidates"))
        self._parts += [part for candidate in candidates for part in parts_of(candidate)]
        # Each message counts all tokens so far, but some leave out what the next one tells.
        self._usage |= usage_of(message.get("usageMetadata"))
        if "error" in message:
            raise self._error(message)
        raise_if_blocked(message)
        for candidate in candidates:
            self._reason = text(candidate.get("finishReason")) or self._reason
            if self._reason in REFUSALS:
                raise blocked(self._reason, text(candidate.get("finishMessage")))

    def _error(self, message: dict[str, Any]) -> ProviderError:
        code = count(table(message["error"]).get("code"))
        return from_status(code if _FIRST <= code <= _LAST else _INTERNAL, message)

    def answer(self) -> WholeAnswer:
        """Return all that was read."""
        pictures = []
        for data in self._pictures():
            try:
                pictures.append(decode_picture(data))
            except ProviderError as error:
                self.failure = self.failure or error
        if not pictures and self.failure is None:
            self.failure = without_picture(self._parts, self._reason)
        if not pictures and self.failure:
            self.failure.may_be_billed |= counts_output(self._usage)
        return WholeAnswer(tuple(pictures), self._usage, self.failure)

    def _pictures(self) -> list[str]:
        pictures = [part for part in self._parts if picture_data(part)]
        results = [part for part in pictures if part.get("thought") is not True]
        if not results and self.failure is None:
            results = pictures[-1:]
        return [picture_data(part) for part in results]


def _messages(words: str, content_type: str) -> Iterator[dict[str, Any]]:
    """Yield what the answer is made of. Raises ProviderBadAnswer where that is not JSON."""
    if content_type.partition(";")[0].strip().lower() == EVENT_STREAM:
        for data in _events(words):
            yield _object(_parsed(data))
        return
    whole = _parsed(words)
    for each in whole if isinstance(whole, list) else [whole]:
        yield _object(each)


def _events(words: str) -> Iterator[str]:
    """Yield the data of each event; also of the last one, if nothing came after it."""
    data: list[str] = []
    for line in [*_LINE_END.split(words), ""]:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []


def _parsed(words: str) -> Any:
    try:
        return json.loads(words)
    except (ValueError, RecursionError) as error:
        raise bad_answer("is not whole JSON") from error


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_answer("is not a JSON object")
    return value
