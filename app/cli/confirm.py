"""Asking before something is gone."""

from __future__ import annotations

import sys

import click

yes_option = click.option("--yes", is_flag=True, help="Do it without asking.")


def confirm(what: str, *, yes: bool) -> None:
    """Return when it may be done: by --yes, or by what a person at the terminal says.

    `what` is a sentence that tells what would be done. Raises click.Abort (exit code 1) when the
    answer is no, and click.UsageError (2) where there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{what} Nobody can be asked here: --yes does it.")
    click.confirm(f"{what} Go on?", abort=True, err=True)
