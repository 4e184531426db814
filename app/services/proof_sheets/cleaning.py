"""What people type about a sheet, as it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.errors import InvalidInput
from app.models.proof_sheet import LONGEST_WORD
from app.models.types import LONGEST_LABEL, is_label, utc_now

MOST_PICTURES = 500
DEFAULT_DAYS = 14
MOST_DAYS = 365
LONGEST_GREETING = 2_000


def clean_title(title: str) -> str:
    """Return a title without space around it. Raises InvalidInput."""
    title = title.strip()
    if not is_label(title):
        raise InvalidInput(f"A title is 1 to {LONGEST_LABEL} printable characters.", field="title")
    return title


def clean_guest(name: str) -> str | None:
    """Return the name of a guest, None for a blank one. Raises InvalidInput."""
    name = name.strip()
    if name and not is_label(name):
        raise InvalidInput(f"A name has {LONGEST_LABEL} characters at the most.", field="guest")
    return name or None


def clean_greeting(greeting: str | None) -> str | None:
    """Return a greeting, None for a blank one. Raises InvalidInput."""
    return _clean(greeting or "", LONGEST_GREETING, "greeting", "The greeting")


def clean_word(word: str, number: int) -> str | None:
    """Return what a guest said of a picture, None for nothing. Raises InvalidInput."""
    return _clean(word, LONGEST_WORD, f"word-{number}", f"The word on picture {number}")


def end_after(days: int) -> datetime:
    """Return the moment so many days from now. Raises InvalidInput."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"A link works for 1 to {MOST_DAYS} days.", field="days")
    return utc_now() + timedelta(days=days)


def _clean(text: str, longest: int, field: str, what: str) -> str | None:
    # Forms end their lines with two characters, and browsers count one.
    text = text.replace("\r\n", "\n").strip()
    if len(text) > longest:
        raise InvalidInput(f"{what} has over {longest:,} characters.", field=field)
    if "\0" in text or text != text.encode("utf-8", "replace").decode():
        raise InvalidInput(f"{what} holds characters that are not text.", field=field)
    return text or None
