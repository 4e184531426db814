"""Tables for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import click


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, in columns as wide as they need."""
    lines = [list(headings), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def print_json(value: Any) -> None:
    """Print a value as JSON, in the user's own script."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_csv(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings as RFC 4180 has it; None is empty."""
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    click.echo(text.getvalue(), nl=False)


def shorten(text: str, length: int = 60) -> str:
    """Return one line of text, at most `length` characters."""
    line = " ".join(_plain(text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _cell(value: object) -> str:
    return "" if value is None else _plain(str(value))


def _plain(text: str) -> str:
    """Return text without what a terminal would obey: escapes, line ends, turns of direction."""
    return "".join(character if character.isprintable() else " " for character in text)
