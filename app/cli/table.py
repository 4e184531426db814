"""Tables for people, JSON and CSV for programs."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click


class Figure(str):
    """A number as it is told, which stands to the right."""

    __slots__ = ()


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, wraps: bool = False
) -> None:
    """Print rows under headings: with colours on a terminal, else as plain text.

    On a terminal the last column has what room is left: it is cut there, or `wraps`.
    """
    rows = list(rows)
    if sys.stdout.isatty():
        from app.cli.terminal import print_rich  # a tenth of a second that pipes do without

        print_rich(headings, rows, wraps=wraps)
        return
    lines = [list(headings), *([plain(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    right = [any(isinstance(row[place], Figure) for row in rows) for place in range(len(headings))]
    for line in lines:
        padded = (
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        )
        click.echo("  ".join(padded).rstrip())


def print_fields(record: Mapping[str, Any]) -> None:
    """Print all that is known of one thing, a field a line."""
    print_table(
        ("FIELD", "VALUE"), [(name, _told(value)) for name, value in record.items()], wraps=True
    )


def print_json(value: Any) -> None:
    """Print a value as JSON, in the user's own script."""
    click.echo(as_json(value))


def print_json_list(values: Iterable[Any]) -> None:
    """Print the same of a list, value by value: it need not fit into memory."""
    separator = "[\n"
    for value in values:
        click.echo(separator + textwrap.indent(as_json(value), "  "), nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[\n" else "\n]")


def print_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings as CSV, row by row."""
    from app.services.csv_text import csv_lines

    for line in csv_lines(headings, rows):
        click.echo(line, nl=False)


def as_json(value: Any) -> str:
    """Return a value as JSON of many lines."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def shorten(text: str, length: int = 60) -> str:
    """Return one line of text, at most `length` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def plain(value: object) -> str:
    """Return a value as text without what a terminal would obey: escapes, turns of direction."""
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def _told(value: object) -> object:
    """Return a list without its brackets, and the rest as it is."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value
