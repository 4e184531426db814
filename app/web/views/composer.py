"""/generate: ask for pictures by a form, and see before what they may cost."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import Blueprint, Response, redirect, request, url_for

from app.errors import InvalidInput, ProofsheetError
from app.extensions import current_settings
from app.models import Role
from app.services.batches import submit_batch
from app.services.composing import choices, cost_of
from app.services.idempotency import Once, find, once
from app.services.image_generator_service import ImageGeneratorService
from app.services.uploads import Upload, keep_uploads_once
from app.web.composer import (
    PROJECT,
    Entered,
    composer_context,
    composer_of,
    entered_as_far_as_it_goes,
    entered_in_form,
    fingerprint,
    place_of,
)
from app.web.door import holder, needs, wants_fragment
from app.web.queue import queue_context
from app.web.rendering import page
from app.web.texts import TEXT, say

blueprint = Blueprint("composer", __name__)
YEAR = 365 * 24 * 3600
UNPROCESSABLE = 422
LONGEST_ONCE = 64
# What buttons of the form show without asking for anything, where there is no script.
SHOWN = ("template", "cost")
# Of one request, for its cost: more than these is no estimate that anybody needs.
MOST_PROMPTS = 10_000


@blueprint.get("/generate")
@needs(Role.CREATOR)
def alone() -> Response:
    """The composer by itself, which is what a form that could not be sent comes back to."""
    return page("composer/index.html", **composer_context(holder()), **queue_context(holder()))


@blueprint.post("/generate")
@needs(Role.CREATOR)
def generate() -> Response:
    """Ask for pictures, once however often the button is pressed; then go back to the gallery.

    A script is answered 204, and what is wrong as a problem; else the form comes back as it was.
    """
    _let_large_forms_in()
    entered = entered_as_far_as_it_goes()
    if request.form.get("show") in SHOWN:
        return _again(entered)
    try:
        entered = entered_in_form()
        asked = _once(entered)
        if not (asked and find(asked)):
            entered = _with_files(entered)
            _ask(entered, asked)
    except ProofsheetError as error:
        if wants_fragment():
            raise
        return _again(entered, error)
    if wants_fragment():
        response = Response(status=204)
    else:
        response = cast(Response, redirect(url_for("web.gallery.index", _anchor="queue"), 303))
    _remember_project(response, entered.wishes.project)
    return response


@blueprint.get("/generate/cost")
@needs(Role.CREATOR)
def cost() -> Response:
    """What so many prompts of so many pictures may cost, and what is left of the budget."""
    model = choices().model(request.args.get("model"))
    pictures = _count("n") * _count("prompts", MOST_PROMPTS)
    references = request.args.get("references", 0, type=int)
    inputs = max(0, min(references, model.max_input_images)) if model else 0
    shown = model and cost_of(model, request.args.get("size"), pictures, inputs, holder().id)
    return page("composer/_cost.html", cost=shown)


def _once(entered: Entered) -> Once | None:
    """Return what tells this pressing of the button from others; None where the form does not say."""
    if not entered.once:
        return None
    if not entered.once.isascii() or len(entered.once) > LONGEST_ONCE:
        raise InvalidInput(TEXT.composer.reload)
    # With what was asked: whoever goes back to a page that was sent and mends it asks for another thing.
    asked = fingerprint()
    return once(holder().id, f"page-{entered.once}-{asked[:32]}", asked)


def _with_files(entered: Entered) -> Entered:
    """Return the same with the pictures that came with the form kept, to work from.

    Nothing is kept where the rest cannot be asked for.
    """
    if not entered.files:
        return entered
    for each in entered.requests()[:1] if entered.is_many else [entered.wishes]:
        ImageGeneratorService().draft(each, holder().id)
    uploads = [Upload(each.filename or "", each.stream.read()) for each in entered.files]
    kept = keep_uploads_once(uploads, project=entered.wishes.project, api_key_id=holder().id)
    ids = tuple(dict.fromkeys((*entered.wishes.input_images, *(each.id for each in kept))))
    return replace(entered, wishes=replace(entered.wishes, input_images=ids), files=())


def _ask(entered: Entered, asked: Once | None) -> None:
    """Commit what the form asks for. Raises what is wrong with it; nothing is recorded then."""
    if not entered.is_many:
        ImageGeneratorService().enqueue(entered.wishes, holder().id, asked)
        return
    requests = entered.requests()
    if not requests:
        raise InvalidInput(TEXT.composer.no_lines, field="prompt")
    project = entered.wishes.project
    submit_batch(requests, project=project, api_key_id=holder().id, once=asked)


def _again(entered: Entered, error: ProofsheetError | None = None) -> Response:
    """Return the composer by itself with all that was entered, and with what is wrong."""
    at = place_of(error) if error else None
    shown = composer_of(entered, holder(), str(error) if error else None, at, _note(entered))
    status = UNPROCESSABLE if error else 200
    return page("composer/index.html", status, composer=shown, **queue_context(holder()))


def _note(entered: Entered) -> str | None:
    """Return what became of the files that came with the form: no page can hold on to them itself."""
    sent = sum(bool(each.filename) for each in request.files.getlist("file"))
    if not sent:
        return None
    return TEXT.composer.choose_again if entered.files else say("composer.kept", n=sent)


def _remember_project(response: Response, project: str | None) -> None:
    if project is None:
        response.delete_cookie(PROJECT, httponly=True, samesite="Lax")
        return
    response.set_cookie(PROJECT, project, max_age=YEAR, httponly=True, samesite="Lax")


def _let_large_forms_in() -> None:
    settings = current_settings()
    request.max_content_length = settings.max_upload_bytes
    request.max_form_memory_size = settings.max_batch_bytes


def _count(name: str, most: int | None = None) -> int:
    given = request.args.get(name, 1, type=int)
    return max(1, min(given, most or current_settings().max_images))
