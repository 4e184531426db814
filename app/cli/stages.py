"""How far each stage of a long run is, in a line of standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

_PAUSE_SECONDS = 0.1


def stages() -> Callable[[str, int, int], None]:
    """Return `tell(what, done, total)`, which shows it on a terminal, and elsewhere nothing."""
    shown = 0.0

    def tell(what: str, done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if done >= total or now - shown > _PAUSE_SECONDS:
            shown = now
            end = "\n" if done >= total else ""
            click.echo(f"\r\x1b[K{what}: {done:,} of {total:,}{end}", err=True, nl=False)

    return tell if sys.stderr.isatty() else lambda *_: None
