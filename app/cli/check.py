"""`check`: whether all that is kept goes together."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import Output, Record, output_options

if TYPE_CHECKING:
    from app.services.check import Checker, Finding, Progress

FAULTY = 1
FIELDS = "kind", "what", "count", "first", "repair", "mended", "advice"


@click.command("check")
@click.option("--repair", is_flag=True, help="Mend what can be mended without losing anything.")
@click.option("--quick", is_flag=True, help="Read no picture, and no index of words.")
@yes_option
@output_options
@with_appcontext
def command(repair: bool, quick: bool, yes: bool, output: Output) -> None:
    """Look whether all that is kept goes together, while others may go on working.

    Each picture must be the one that was kept, with its thumbnails; counts, search and past prompts
    must say what the rows say; nothing may belong to what is not there. Writes nothing without
    --repair. The exit code is 0 when all is well, 1 when something is wrong (or still is).

    Example: python manage.py check --quick
    """
    # This loads the database, which --help does without.
    from app.services.schema import require_current

    require_current()
    if repair:
        confirm("Mends what can be mended; have a backup.", yes=yes)
    look_at_all(output, repair=repair, quick=quick)


def look_at_all(output: Output, *, repair: bool = False, quick: bool = False) -> None:
    """Tell what is wrong in the current app's database; exit with 1 when something (still) is."""
    from app.services.check import CHECKERS, Options, find_faults, repair_faults  # as above

    look = repair_faults if repair else find_faults
    with _bar() as watch:
        findings = look(CHECKERS, Options(quick=quick), watch)
    _tell(findings, output, repaired=repair)
    if any(each.left for each in findings):
        raise SystemExit(FAULTY)


@contextmanager
def _bar() -> Iterator[Any]:
    """Tell on a terminal what is looked at and how far that is; nothing elsewhere."""
    shown = sys.stderr.isatty()

    def watch(checker: Checker) -> Progress:
        looked = 0
        number = checker.count() if shown and checker.count else None

        def progress(more: int) -> None:
            nonlocal looked
            looked += more
            if shown and (looked % 100 == 0 or more > 1):
                of = f" of {number:,}" if number else ""
                click.echo(f"\r\x1b[K{checker.what}: {looked:,}{of}", err=True, nl=False)

        if shown:
            click.echo(f"\r\x1b[K{checker.what} …", err=True, nl=False)
        return progress

    try:
        yield watch
    finally:
        if shown:
            click.echo("\r\x1b[K", err=True, nl=False)


def _tell(findings: list[Finding], output: Output, *, repaired: bool) -> None:
    if output.is_for_people and not findings:
        click.echo("All is well.")
        return
    columns = {
        "FOUND": lambda each: each["what"],
        "COUNT": lambda each: f"{each['count']:,}",
        "FIRST": lambda each: ", ".join(map(str, each["first"])),
        "MENDED" if repaired else "--repair": _mended if repaired else _mend,
    }
    output.rows(map(_record, findings), columns, name="kind", fields=FIELDS)
    for advice in dict.fromkeys(each.kind.advice for each in findings if each.left):
        if advice:
            output.note(advice)


def _mend(record: Record) -> str:
    return record["repair"] or "nothing"


def _mended(record: Record) -> str:
    return f"{record['mended']:,}"


def _record(finding: Finding) -> dict[str, Any]:
    kind = finding.kind
    return {
        "kind": kind.name,
        "what": kind.what,
        "count": finding.count,
        "first": finding.first,
        "repair": kind.mend,
        "mended": finding.mended,
        "advice": kind.advice,
    }
