"""`generate`: draw from a terminal, with or without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from app.models import Generation


@click.command("generate")
@click.argument("prompt")
@click.option("--n", default=1, show_default=True, help="How many pictures.")
@click.option("--model", help="A model of the active provider.")
@click.option("--aspect-ratio", help="Such as 16:9.")
@click.option("--size", help="Such as 1K.")
@click.option("--seed", type=int, help="A number that makes a picture repeatable.")
@click.option("--template", help="A template's name.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="For the template.")
@click.option("--project", help="A label to find it by.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Also save them here."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def command(
    prompt: str, out: Path | None, as_json: bool, variables: tuple[str, ...], **options: object
) -> None:
    """Draw pictures from a prompt and keep them.

    Example: python manage.py generate "A lighthouse at dusk" --n 2 --out pictures
    """
    # These load the database, which --help does without.
    from app.extensions import current_settings
    from app.services.bring_up import prepare_instance
    from app.services.export import make_folder
    from app.services.generation_outcome import raise_if_failed
    from app.services.generation_request import GenerationRequest
    from app.services.image_generator_service import ImageGeneratorService

    pairs = _pairs(variables)
    prepare_instance(current_settings())
    if out:
        make_folder(out)
    request = GenerationRequest(prompt, variables=pairs, **options)  # type: ignore[arg-type]
    generation = ImageGeneratorService().generate(request)
    raise_if_failed(generation)
    _report(generation, out, as_json)


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


def _pairs(variables: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(pair.partition("=")[::2] for pair in variables)
    if len(pairs) < len(variables) or not all("=" in pair for pair in variables):
        raise click.UsageError("Write each variable once, as --var NAME=VALUE.")
    return pairs
