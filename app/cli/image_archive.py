"""`images export` and `images import`: pictures as files, with what is known of each beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import Output, output_options
from app.cli.selection import Selection, selection_options

if TYPE_CHECKING:
    from app.services.archive.exporting import Exported
    from app.services.archive.report import Imported, Skipped

EXAMPLES = 3
MOST_REASONS = 20


@click.command("export")
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@selection_options
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder, or a zip: what ends in .zip.",
)
@yes_option
@output_options
@with_appcontext
def export(
    ids: tuple[int, ...], selection: Selection, target: Path, yes: bool, output: Output
) -> None:
    """Write pictures as they were kept into a folder or a zip, each with a JSON file beside it.

    Which, ids or a filter say; without either it is all.

    Example: python manage.py images export --favourite --since 30d --to favourites.zip
    """
    # These load the database, which --help does without.
    from app.cli.progress import progress
    from app.models.image_pages import count
    from app.services.archive.exporting import export_images
    from app.services.archive.sinks import is_taken
    from app.services.schema import require_current

    if ids and selection:
        raise click.UsageError("Give either ids or a filter.")
    require_current()
    wanted = selection.filter(sort="oldest")
    number, capped = (len(set(ids)), False) if ids else count(wanted)
    if not number and not capped:
        raise click.ClickException("Nothing matches.")
    if is_taken(target):
        confirm(f"{target} is there already; what has the same name would be replaced.", yes=yes)
    with progress(None if capped else number, "Pictures") as tell:
        done = export_images(ids or wanted, target, lambda _bytes: tell(1))
    tell_exported(done, target, output)


def tell_exported(done: Exported, target: Path, output: Output) -> None:
    """Print what was written; exit with 1 when a picture was missing."""
    if output.is_for_people:
        number = f"{done.images:,} picture{'' if done.images == 1 else 's'}"
        click.echo(f"{number}, {done.bytes:,} bytes: {target}")
    else:
        output.record({"images": done.images, "bytes": done.bytes, "to": str(target)}, name="to")
    if done.missing:
        some = ", ".join(map(str, done.missing[:EXAMPLES]))
        click.echo(
            f"Error: the database lacks {len(done.missing):,} pictures, such as those of images "
            f"{some}; `manage.py check` tells more.",
            err=True,
        )
        raise SystemExit(1)


@click.command("import")
@click.argument("source", metavar="DIR|ZIP", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--dry-run", is_flag=True, help="Only look at the pictures, and at nothing else; write nothing."
)
@output_options
@with_appcontext
def import_(source: Path, dry_run: bool, output: Output) -> None:
    """Take pictures in: exports of Proofsheet exactly as they were, and loose pictures of any origin.

    What is here already is not taken twice, so it can be done again. Where no key has the name of one
    that made them elsewhere, one is made that was revoked: reports tell them apart, and nobody can use
    it. Words are read from a JSON or text file beside a picture, or from what other programs have
    written into it. Ends with 1 where a picture could not be taken.

    Example: python manage.py images import favourites.zip
    """
    # As above.
    from app.cli.progress import progress
    from app.extensions import current_settings
    from app.services.archive.importing import import_from, pictures_in
    from app.services.bring_up import prepare_instance
    from app.services.schema import require_current

    number = pictures_in(source)  # first: for what cannot be read no database is made
    if dry_run:
        require_current()
    else:
        prepare_instance(current_settings())
    with progress(number, "Pictures") as tell:
        done = import_from(source, tell, dry=dry_run)
    if output.is_for_people:
        _tell_people(done, "would be taken in" if dry_run else "taken in")
        if dry_run:
            output.note("Of an export, generations and all else that is no picture come along.")
    else:
        output.record(_record(done), name="images")
    if any(each.is_fault for each in done.skipped):
        raise SystemExit(1)


def _record(done: Imported) -> dict[str, object]:
    skipped = [
        {"name": each.name, "reason": each.reason, "is_fault": each.is_fault}
        for each in done.skipped
    ]
    kinds = sorted({"images", *done.taken, *done.here})
    counts: dict[str, object] = {kind: done.taken[kind] for kind in kinds}
    here = {f"{kind}_here_before": done.here[kind] for kind in kinds}
    return {**counts, **here, "keys_made": done.keys_made, "skipped": skipped}


def _tell_people(done: Imported, verb: str) -> None:
    for kind in sorted(
        {"images", *done.taken, *done.here}, key=lambda kind: (kind != "images", kind)
    ):
        here = f", {done.here[kind]:,} were here before" if done.here[kind] else ""
        click.echo(f"{done.taken[kind]:,} {kind} {verb}{here}.")
    if done.keys_made:
        click.echo(f"Keys made, revoked: {', '.join(done.keys_made)}.")
    by_reason: dict[str, list[Skipped]] = {}
    for each in done.skipped:
        by_reason.setdefault(each.reason, []).append(each)
    reasons = list(by_reason.items())
    for reason, some in reasons[:MOST_REASONS]:
        _tell_skipped(reason, [each.name for each in some])
    if more := sum(len(some) for _, some in reasons[MOST_REASONS:]):
        click.echo(f"Skipped {more:,} more; --json tells each.", err=True)


def _tell_skipped(reason: str, names: list[str]) -> None:
    from app.cli.table import shorten

    told = ", ".join(shorten(name) for name in names[:EXAMPLES])
    more = f" and {len(names) - EXAMPLES:,} more" if len(names) > EXAMPLES else ""
    click.echo(f"Skipped {told}{more}: {shorten(reason, 200)}", err=True)
