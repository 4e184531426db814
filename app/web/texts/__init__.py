"""All words of the pages and their scripts, by room: one file of `en/` each, to be translated.

A text may have `{names}` to be filled in. A table with `one` and `other` is a text that depends on the
number `n`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGE = "en"
_FOLDER = Path(__file__).parent / LANGUAGE


class Words:
    """The texts of one table, as attributes. A name that is not there raises AttributeError."""

    def __init__(self, table: dict[str, Any]) -> None:
        """Take a table of texts and further tables."""
        self.__dict__.update(
            {
                key: Words(value) if isinstance(value, dict) else value
                for key, value in table.items()
            }
        )

    def __getattr__(self, name: str) -> Any:
        """Say which text is missing."""
        raise AttributeError(f"There is no text {name!r} here.")


@cache
def tables() -> dict[str, dict[str, Any]]:
    """Return the texts of every room as they are written."""
    return {file.stem: tomllib.loads(file.read_text()) for file in sorted(_FOLDER.glob("*.toml"))}


def told(words: Words, name: str) -> str | None:
    """Return what a page tells of `name`, which its address says; None where there is no such text."""
    text = vars(words).get(name)
    return text if isinstance(text, str) else None


class _Text:
    """Every room's texts, read at the first need."""

    def __getattr__(self, room: str) -> Words:
        return _room(room)


@cache
def _room(name: str) -> Words:
    try:
        return Words(tables()[name])
    except KeyError as error:
        raise AttributeError(f"There are no texts of {name!r}.") from error


TEXT = _Text()


def say(key: str, **values: Any) -> str:
    """Return the text of `room.name`, filled in; by the number `n` where it depends on one.

    Raises KeyError for a text, or a name in one, that is not there.
    """
    found: Any = tables()
    for part in key.split("."):
        found = found[part]
    if isinstance(found, dict):
        found = found["one" if values["n"] == 1 else "other"]
    if "n" in values:
        values["n"] = f"{values['n']:,}"
    return str(found).format(**values)


def script_texts() -> dict[str, Any]:
    """Return what scripts say, by `room.name`: the table `script` of each room."""
    return {
        f"{room}.{name}": value
        for room, table in tables().items()
        for name, value in table.get("script", {}).items()
    }
