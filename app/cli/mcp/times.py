"""Times as assistants tell them, which is as people do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StrictStr

from app.cli.times import HINT, moment, moment_of


def _known(value: str) -> str:
    try:
        moment_of(value, UTC, datetime.now(UTC))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"this is no time: {HINT}") from error
    return value


When = Annotated[StrictStr, Field(max_length=64), AfterValidator(_known)]


def moment_or_none(text: str | None, tz: str | None = None) -> datetime | None:
    """Return the moment that a checked text means now, in a checked zone or in that of the settings."""
    return None if text is None else moment(text, tz)
