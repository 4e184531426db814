"""Tables on a terminal, by rich: it knows the width, colours, and NO_COLOR."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.table import plain


def print_rich(
    headings: Sequence[str], rows: Sequence[Sequence[object]], *, wraps: bool = False
) -> None:
    """Print rows under headings, as wide as the terminal is; numbers stand to the right."""
    table = Table(box=None, expand=True, pad_edge=False, header_style="bold cyan")
    for place, heading in enumerate(headings):
        last = place == len(headings) - 1
        table.add_column(
            heading,
            justify="right" if _are_numbers([row[place] for row in rows]) and not last else "left",
            no_wrap=not (last and wraps),
            overflow="fold" if last and wraps else "ellipsis",
            ratio=1 if last else None,
        )
    for row in rows:
        # As Text, or brackets in it would be taken for markup.
        table.add_row(*(Text(plain(value)) for value in row))
    Console(file=sys.stdout, highlight=False).print(table)


def _are_numbers(values: Sequence[object]) -> bool:
    """Tell whether there is a number among the values, and nothing but numbers and gaps."""
    told = [value for value in values if value is not None and value != ""]
    return bool(told) and all(isinstance(value, int | float) for value in told)
