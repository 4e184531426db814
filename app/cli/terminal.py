"""Tables on a terminal, by rich: it knows the width, colours, and NO_COLOR."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.table import Figure, plain

GAPS = ["", "–"]


def print_rich(
    headings: Sequence[str], rows: Sequence[Sequence[object]], *, wraps: bool = False
) -> None:
    """Print rows under headings, as wide as the terminal is; numbers stand to the right."""
    columns = [[row[place] for row in rows] for place in range(len(headings))]
    table = Table(box=None, pad_edge=False, header_style="bold cyan")
    table.expand = not _are_numbers(columns[-1])
    for heading, cells in zip(headings, columns, strict=True):
        last = cells is columns[-1]
        numbers = _are_numbers(cells)
        table.add_column(
            heading,
            justify="right" if numbers else "left",
            # Of numbers the heading alone can be folded, where the terminal is narrow.
            no_wrap=not numbers and not (last and wraps),
            overflow="fold" if last and wraps else "ellipsis",
            ratio=1 if last and not numbers else None,
            min_width=max(len(plain(cell)) for cell in cells) if numbers else None,
        )
    for row in rows:
        # As Text, or brackets in it would be taken for markup.
        table.add_row(*(Text(plain(value)) for value in row))
    Console(file=sys.stdout, highlight=False).print(table)


def _are_numbers(values: Sequence[object]) -> bool:
    """Tell whether there is a number among the values, and nothing but numbers and gaps."""
    told = [value for value in values if value is not None and value not in GAPS]
    return bool(told) and all(isinstance(value, int | float | Figure) for value in told)
