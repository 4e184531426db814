"""`generate`: draw from a terminal, with or without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app.cli.variables import pairs, variable_option

if TYPE_CHECKING:
    from app.models import Generation


@click.command("generate")
@click.argument("prompt", required=False)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Many prompts as a batch, one a line, or CSV by its name; - is standard input, either.",
)
@click.option("--attach", metavar="BATCH", help="Come back to a batch.")
@click.option("--n", default=1, show_default=True, help="How many pictures.")
@click.option("--model", help="A model of the active provider.")
@click.option("--aspect-ratio", help="Such as 16:9.")
@click.option("--size", help="Such as 1K.")
@click.option("--seed", type=int, help="A number that makes a picture repeatable.")
@click.option("--template", help="A template's name.")
@variable_option
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="FILE|ID",
    help="A picture to work from: a file, which is kept, or the id of an image. Repeatable.",
)
@click.option("--project", help="A label to find it by.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Also save them here."
)
@click.option("--dry-run", is_flag=True, help="Only tell what it may cost.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def command(
    *,
    prompt: str | None,
    file: str | None,
    attach: str | None,
    out: Path | None,
    dry_run: bool,
    as_json: bool,
    variables: tuple[str, ...],
    inputs: tuple[str, ...],
    **options: Any,
) -> None:
    """Draw pictures from a prompt, or from a file of prompts, and keep them.

    A file of prompts is drawn by the workers that there are, or else by one that this command runs
    itself. Ctrl-C leaves it, --attach comes back to it.

    Example: python manage.py generate "A lighthouse at dusk" --n 2 --out pictures
    """
    # These load the database, which --help does without.
    from app.extensions import current_settings
    from app.services.bring_up import prepare_instance
    from app.services.export import make_folder

    if [prompt, file, attach].count(None) != 2:  # noqa: PLR2004 - one of the three
        raise click.UsageError("Give a prompt, or --file, or --attach.")
    if dry_run and (attach or not all(each.isdecimal() for each in inputs)):
        raise click.UsageError("--dry-run keeps nothing: give --input ids, and no --attach.")
    filling = pairs(variables)
    prepare_instance(current_settings())
    if attach is None:
        options |= {"variables": filling, "input_images": _inputs(inputs)}
    if dry_run:
        from app.cli.dry_run import tell_cost

        tell_cost(prompt, file, options, as_json=as_json)
        return
    if out:
        make_folder(out)
    if prompt is None:
        from app.cli.batch_run import follow, submit_file

        batch_id = attach or submit_file(str(file), options)
        raise SystemExit(follow(batch_id, out=out, as_json=as_json))
    _draw(prompt, options, out, as_json)


def _draw(prompt: str, options: dict[str, Any], out: Path | None, as_json: bool) -> None:
    from app.services.generation_outcome import raise_if_failed
    from app.services.generation_request import GenerationRequest
    from app.services.image_generator_service import ImageGeneratorService

    generation = ImageGeneratorService().generate(GenerationRequest(prompt, **options))
    raise_if_failed(generation)
    _report(generation, out, as_json)


def _inputs(inputs: tuple[str, ...]) -> tuple[int, ...]:
    """Return the ids of the pictures to work from; files are kept as uploads first."""
    from app.services.uploads import Upload, keep_uploads

    files = [Path(each) for each in inputs if not each.isdecimal()]
    try:
        uploads = [Upload(each.name, each.read_bytes()) for each in files]
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be read ({error.strerror}).") from error
    kept = iter(keep_uploads(uploads) if uploads else ())
    return tuple(int(each) if each.isdecimal() else next(kept).id for each in inputs)


def _report(generation: Generation, out: Path | None, as_json: bool) -> None:
    from app.cli.table import print_json
    from app.services.export import save_picture
    from app.services.records import generation_record, image_record

    saved = {image.id: save_picture(image, out) for image in generation.images} if out else {}
    if as_json:
        images = [
            {**image_record(image), "saved_to": saved.get(image.id)} for image in generation.images
        ]
        print_json({**generation_record(generation), "images": images})
    for image in [] if as_json else generation.images:
        click.echo(
            f"Image {image.id}: {image.width} × {image.height}, {image.model}"
            + (f", {saved[image.id]}" if out else "")
        )
    if generation.error_message:
        click.echo(
            f"Warning: {generation.done} of {generation.n} pictures; {generation.error_message}",
            err=True,
        )
