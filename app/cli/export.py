"""`export --all`: everything out of the database, as files that any program reads."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.output import Output, output_options


@click.command("export")
@click.option(
    "--all",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A new or empty folder.",
)
@output_options
@with_appcontext
def command(folder: Path, output: Output) -> None:
    """Write everything into a folder: pictures, and lines of JSON of all that is known.

    Failures, deleted pictures and every version of each template are among it; docs/export.md
    describes the files, and `images import` takes them in. For chosen pictures: `images export`.

    Example: python manage.py export --all everything
    """
    # These load the database, which --help does without.
    from app.cli.image_archive import tell_exported
    from app.cli.progress import progress
    from app.models.image_manager import ImageManager
    from app.services.archive.exporting import EVERYTHING, export_all
    from app.services.schema import require_current

    require_current()
    with progress(ImageManager().count(EVERYTHING), "Pictures") as tell:
        done = export_all(folder, lambda _bytes: tell(1))
    tell_exported(done, folder, output)
