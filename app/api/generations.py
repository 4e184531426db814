"""/api/generations: ask for pictures, and see what became of it."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from pydantic import Field, StrictInt, StrictStr
from werkzeug.http import parse_dict_header

from app.api.auth import key_holder, requires
from app.api.shapes import generation_json
from app.api.validation import Strict, parse_body
from app.models import Generation, Role, Status
from app.services.generation_outcome import raise_if_failed
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.in_process_runner import InProcessRunner

blueprint = Blueprint("generations", __name__, url_prefix="/generations")
LONGEST_WAIT_SECONDS = 600


class GenerationBody(Strict):
    """The body of POST /api/generations; all but the prompt may be left out."""

    prompt: StrictStr
    n: StrictInt = 1
    model: StrictStr | None = None
    aspect_ratio: StrictStr | None = None
    size: StrictStr | None = None
    seed: StrictInt | None = None
    template: StrictStr | None = None
    variables: dict[StrictStr, StrictStr] = Field(default_factory=dict)
    project: StrictStr | None = None


@blueprint.post("")
@requires(Role.CREATOR)
def create() -> tuple[Response, int, dict[str, str]]:
    """Ask for pictures: 202 at once, or with `Prefer: wait=N` 201 when they are there in time.

    A failure within that time has the status of its reason.
    """
    wanted = GenerationRequest(**dict(parse_body(GenerationBody)))
    holder = key_holder()
    runner = cast(InProcessRunner, current_app.extensions["runner"])
    run = runner.start(lambda: ImageGeneratorService().submit(wanted, holder.id).id)
    wait = _preferred_wait()
    if wait is not None:
        runner.wait(run, wait)
    generation = ImageGeneratorService().get(run.generation_id)
    if wait is not None:
        raise_if_failed(generation)
    drawn = wait is not None and generation.status == Status.SUCCEEDED
    headers = {"Location": url_for("api.generations.show", generation_id=generation.id)}
    if wait is not None:
        headers["Preference-Applied"] = f"wait={wait}"
    return _shown(generation), 201 if drawn else 202, headers


@blueprint.get("/<generation_id>")
@requires(Role.VIEWER)
def show(generation_id: str) -> Response:
    """One generation as it stands, with the images it has so far."""
    return _shown(ImageGeneratorService().get(generation_id))


def _shown(generation: Generation) -> Response:
    return jsonify(generation_json(generation))


def _preferred_wait() -> int | None:
    """Return the seconds of `Prefer: wait=N` (RFC 7240), or None; one not understood is ignored."""
    value = parse_dict_header(request.headers.get("Prefer", "")).get("wait") or ""
    return min(int(value), LONGEST_WAIT_SECONDS) if value.isascii() and value.isdigit() else None
