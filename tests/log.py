"""What is logged while a test looks."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.logs import JsonLines


class Log:
    """Lines as they would stand on standard error."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """Return the lines, or those of one event."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [each for each in found if event in (None, each["event"])]


@contextmanager
def logging_to(*, open_words: bool = False) -> Iterator[Log]:
    """Log as a server does while inside."""
    log = Log()
    handler = logging.StreamHandler(log.stream)
    handler.setFormatter(JsonLines(open_words=open_words))
    logger = logging.getLogger("app")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
