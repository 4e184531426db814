"""`backup`: the database as it is now, in a file or a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import json_option
from app.cli.stages import stages

FAILED = 1
SHOWN = 5


@click.command("backup")
@click.argument("path")
@click.option("--prune", is_flag=True, help="Remove files from the folder that were purged since.")
@click.option("--verify", is_flag=True, help="Read the files that are in the folder, too.")
@yes_option
@json_option
@with_appcontext
def command(path: str, prune: bool, verify: bool, yes: bool, as_json: bool) -> None:
    """Write the database as it is now to the file or the folder PATH, while others use it.

    A folder is one that is there, or ends in /. Each picture is written to it once, so that the same
    again is quick; a file of another size, and with --verify any that is damaged, is written anew. What
    is written is checked before it counts, and only its owner may read it. For a file of PostgreSQL its
    pg_dump and pg_restore are needed.

    Example: python manage.py backup backups/
    """
    # This loads the database, which --help does without.
    from app.services.schema import require_current

    require_current()
    if path.endswith(os.sep) or Path(path).is_dir():
        _to_folder(Path(path), prune=prune, verify=verify, as_json=as_json)
    elif prune or verify:
        raise click.UsageError(f"--{'prune' if prune else 'verify'} is for a folder.")
    else:
        _to_file(Path(path), yes=yes, as_json=as_json)
    click.echo(
        "The settings (env), catalog.toml and the secret in the instance folder are not in it.",
        err=True,
    )


def _to_file(path: Path, *, yes: bool, as_json: bool) -> None:
    from app.cli.table import print_json
    from app.services.backup.taking import back_up  # as above

    if path.exists():
        confirm(f"{path} is there and would be replaced.", yes=yes)
    facts = back_up(path)
    if as_json:
        print_json({"path": str(path), "bytes": path.stat().st_size, "images": facts.images})
    else:
        held = "" if facts.images is None else f", with {facts.told_images}"
        click.echo(f"{path}: {path.stat().st_size:,} bytes{held}, checked.")
    _tell_damaged(facts.lost)


def _to_folder(folder: Path, *, prune: bool, verify: bool, as_json: bool) -> None:
    from app.cli.table import print_json
    from app.services.backup.to_folder import back_up_to  # as above

    written = back_up_to(folder, stages(), prune=prune, verify=verify)
    gone = f", {written.pruned:,} removed" if prune else ""
    if as_json:
        print_json({"path": str(folder), **asdict(written)})
    else:
        held = "all read and checked" if verify else "checked, older files by their size"
        click.echo(
            f"{folder}: {written.told_images}; {written.files:,} new files of "
            f"{written.byte_count:,} bytes{gone}, {held}."
        )
    _tell_damaged(written.damaged)


def _tell_damaged(damaged: Sequence[int]) -> None:
    if damaged:
        first = ", ".join(map(str, damaged[:SHOWN]))
        click.echo(
            f"Error: {len(damaged):,} pictures are damaged, and so in the backup (images "
            f"{first}). An earlier backup may have them whole.",
            err=True,
        )
        raise SystemExit(FAILED)
