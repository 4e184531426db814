"""/api/generations: ask for pictures, and see what became of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.http import parse_dict_header

from app.api.answers.generation import Generation as GenerationShape
from app.api.auth import requires
from app.api.fields import GenerationId
from app.api.generation_body import GenerationBody
from app.api.openapi.declare import Answer, documented
from app.api.shapes import generation_json
from app.key_door import key_holder
from app.models import Generation, Role, Status
from app.services.generation_changes import cancel_generation, retry_generation
from app.services.generation_outcome import raise_if_failed
from app.services.generation_request import GenerationRequest
from app.services.idempotency import HEADER, Once, find
from app.services.idempotency import once as once_by
from app.services.image_generator_service import ImageGeneratorService
from app.services.waiting import wait_for_end

blueprint = Blueprint("generations", __name__, url_prefix="/generations")
LONGEST_WAIT_SECONDS = 600
# What can become of a generation while one waits for it.
FAILURES = (
    *("provider_rejected", "provider_auth", "rate_limited", "quota_exhausted", "content_blocked"),
    *("provider_unavailable", "provider_failed", "provider_timeout", "provider_bad_answer"),
    *("no_image", "interrupted", "input_gone", "expired"),
)


ASKED = {
    201: Answer(
        "The pictures, drawn in time.", GenerationShape, ("Location", "Preference-Applied")
    ),
    202: Answer(
        "Accepted: GET its address to see how far it is.",
        GenerationShape,
        ("Location", "Preference-Applied"),
    ),
}
REFUSED = (
    *("not_found", "model_not_found", "provider_not_configured", "busy"),
    *("over_budget", "unpriced"),
    *("idempotency_key_reused", "invalid_input", *FAILURES),
)


@blueprint.post("")
@requires(Role.CREATOR)
@documented(
    ASKED,
    body=GenerationBody,
    headers=("Prefer", "Idempotency-Key"),
    errors=("invalid_prompt", "invalid_template", *REFUSED),
)
def create(body: GenerationBody) -> tuple[Response, int, dict[str, str]]:
    """Ask for pictures: 202 at once, or with `Prefer: wait=N` 201 when they are there in time.

    A failure within that time has the status of its reason.
    """
    wanted = GenerationRequest(**dict(body))
    key_id, once = key_holder().id, _once(wanted)
    return _asked(lambda: ImageGeneratorService().enqueue(wanted, key_id, once), once)


@blueprint.get("/<generation_id>")
@requires(Role.VIEWER)
@documented({200: Answer("The generation.", GenerationShape)})
def show(generation_id: GenerationId) -> Response:
    """One generation as it stands, with the images it has so far."""
    return _shown(ImageGeneratorService().get(generation_id))


@blueprint.post("/<generation_id>/cancel")
@requires(Role.CREATOR)
@documented({200: Answer("It is cancelled.", GenerationShape)}, errors=("conflict",))
def cancel(generation_id: GenerationId) -> Response:
    """End a generation that waits or runs: no image appears afterwards, and those it has stay.

    One that is passed on to a program (`/gemini`) ends by itself: 409.
    """
    return _shown(cancel_generation(generation_id))


@blueprint.post("/<generation_id>/retry")
@requires(Role.CREATOR)
@documented(ASKED, headers=("Prefer", "Idempotency-Key"), errors=("conflict", *REFUSED))
def retry(generation_id: GenerationId) -> tuple[Response, int, dict[str, str]]:
    """Ask again for what failed or was cancelled: a new generation, with `retry_of`.

    It is answered as POST /api/generations is.
    """
    key_id, once = key_holder().id, _once(f"retry {generation_id}")
    return _asked(lambda: retry_generation(generation_id, key_id, once), once)


def _asked(
    submit: Callable[[], Generation], once: Once | None
) -> tuple[Response, int, dict[str, str]]:
    """Begin what `submit` records, or find what it recorded before; answer, after waiting if asked."""
    generation_id = (find(once) if once else None) or submit().id
    wait = _preferred_wait()
    waited = None if wait is None else wait_for_end(generation_id, wait)
    generation = ImageGeneratorService().get(generation_id)
    if wait is not None:
        raise_if_failed(generation)
    drawn = wait is not None and generation.status == Status.SUCCEEDED
    headers = {"Location": url_for("api.generations.show", generation_id=generation.id)}
    if waited is not None:
        headers["Preference-Applied"] = f"wait={wait}"
    return _shown(generation), 201 if drawn else 202, headers


def _once(asked: GenerationRequest | str) -> Once | None:
    key = request.headers.get(HEADER)
    return None if key is None else once_by(key_holder().id, key, asked)


def _shown(generation: Generation) -> Response:
    return jsonify(generation_json(generation))


def _preferred_wait() -> int | None:
    """Return the seconds of `Prefer: wait=N` (RFC 7240), or None; one not understood is ignored."""
    value = parse_dict_header(request.headers.get("Prefer", "")).get("wait") or ""
    return min(int(value), LONGEST_WAIT_SECONDS) if value.isascii() and value.isdigit() else None
