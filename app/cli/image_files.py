"""`images add`, and `images show --open`: between the history and files of one's own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app.cli.output import Output, output_options
from app.cli.selection import TEXT
from app.errors import ProofsheetError

if TYPE_CHECKING:
    from app.models import Image


@click.command("add")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--prompt", type=TEXT, help="Words for them.  [default: the name of each file]")
@click.option("--tag", "tags", type=TEXT, multiple=True, help="A tag for them. Repeatable.")
@click.option("--project", type=TEXT, help="Whom they are for.")
@output_options
@with_appcontext
def add(
    *,
    files: tuple[Path, ...],
    prompt: str | None,
    tags: tuple[str, ...],
    project: str | None,
    output: Output,
) -> None:
    """Keep pictures of your own, checked like any other.

    Exits with 1 when one could not be kept; the others are.

    Example: python manage.py images add lighthouse.jpg --prompt "The lighthouse" --tag sea
    """
    # These load the database, which --help does without.
    from app.extensions import current_settings
    from app.services.bring_up import prepare_instance
    from app.services.records import image_record
    from app.services.uploads import Upload, keep_uploads

    prepare_instance(current_settings())
    kept, failed = [], False
    for file in files:
        try:
            upload = Upload(file.name, file.read_bytes())
            [image] = keep_uploads([upload], prompt=prompt, tags=tags, project=project)
            kept.append(image_record(image))
        except (OSError, ProofsheetError) as error:
            failed = True
            reason = error.strerror if isinstance(error, OSError) else error
            click.echo(f"Error: {file}: {reason}", err=True)
    columns = {"ID": lambda each: each["id"], "PROMPT": lambda each: each["prompt"]}
    output.rows(kept, columns)
    if failed:
        raise SystemExit(1)


def save(image: Image, folder: Path) -> str:
    """Save a picture in a folder, which is made if it is not there; return its path."""
    from app.services.export import make_folder, save_picture  # as above

    make_folder(folder)
    return save_picture(image, folder)


def open_picture(image: Image) -> None:
    """Show a picture in this system's viewer. Raises ProofsheetError when there is none."""
    # The viewer may read it after this command has ended, so it stays.
    path = save(image, Path(tempfile.mkdtemp(prefix="proofsheet-")))
    with _errors_swallowed():
        code = click.launch(path, wait=True)
    if code != 0:
        raise ProofsheetError(f"No viewer for pictures could be started here. It is in {path}.")
    click.echo(path, err=True)


@contextmanager
def _errors_swallowed() -> Iterator[None]:
    """Keep what programs that are started meanwhile say on standard error from the terminal."""
    ours = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(ours, 2)
        os.close(ours)
