"""How far something is, on standard error, which leaves standard output to programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(total: int | None, label: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, and nothing elsewhere or where the total is not known.

    Gives what is to be called with each step.
    """
    if not sys.stderr.isatty() or not total:
        yield lambda _steps: None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr, show_pos=True) as bar:
        yield bar.update
