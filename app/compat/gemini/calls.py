"""/gemini/…/models/{model}:generateContent: asked here, drawn by Gemini, and kept."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, Response, current_app, g, request
from werkzeug.exceptions import UnsupportedMediaType

from app.compat.door import needs
from app.compat.gemini.addresses import Address, nothing_there
from app.compat.gemini.asking import Asking, read_asking
from app.compat.gemini.passing import Answer, Passing
from app.compat.gemini.sketched import SketchedAnswer
from app.compat.project import project
from app.compression import takes_gzip
from app.key_door import key_holder
from app.models import Role
from app.models.generation import FREE_PROVIDER
from app.providers.base import GeneratedImage, ImageRequest, ProviderError
from app.request_body import read_body
from app.services import recorded_calls
from app.services.provider_choice import provider_choice
from app.services.proxy_places import Place, take_place
from app.services.recorded_calls import Call
from app.waiting_line import in_a_hurry

blueprint = Blueprint("calls", __name__)
# Google takes about 20 MB; to parse a body takes some times its size.
MOST_BYTES = 32 * 1024 * 1024
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@blueprint.post("/<version>/models/<call>")
@needs(Role.CREATOR)
def generate(version: str, call: str) -> Response:
    """Pass the call on, and its answer back, byte by byte; keep what it holds."""
    address = Address.of(version, call, request.args.get("alt"))
    body = _body()  # however slowly it is sent, no place waits for it
    place = take_place()
    try:
        asking = _asking(body, address.model)
        with in_a_hurry():  # what is saved meanwhile has time: its answers have gone out
            begun = recorded_calls.begin(asking.asked, key_holder().id)
        answer = _answer(begun, asking, address, place)
    except BaseException:
        place.saved()
        raise
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
    passing = Passing(app, begun, answer, place)
    return Response(passing, headers=dict(answer.headers), direct_passthrough=True)


@blueprint.route("/", methods=METHODS, strict_slashes=False)
@blueprint.route("/<path:rest>", methods=METHODS)
@needs(Role.VIEWER)
def nothing(**_rest: str) -> Response:
    """Say what there is, wherever nothing is."""
    raise nothing_there()


def _body() -> bytes:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")
    return read_body("max_upload_bytes", MOST_BYTES)


def _asking(body: bytes, model: str) -> Asking:
    choice = provider_choice()
    drawn_here = choice.catalog if choice.here == FREE_PROVIDER else None
    return read_asking(body, model, project(), drawn_here=drawn_here)


def _answer(call: Call, asking: Asking, address: Address, place: Place) -> Answer:
    """Return what came of it. A failure is recorded, and raised."""
    try:
        if call.provider == FREE_PROVIDER:
            return SketchedAnswer(call, address, _drawn(call), gzip=_takes_gzip())
        return _asked_upstream(asking, address, place)
    except BaseException as error:
        place.read()
        recorded_calls.fail(call, error)
        if isinstance(error, ProviderError):
            g.provider_details = error.details
        raise


def _asked_upstream(asking: Asking, address: Address, place: Place) -> Answer:
    from app.providers.gemini_upstream import UpstreamCall  # with the HTTP client

    sent = UpstreamCall(
        address.version, address.model, address.method, asking.body, address.alt, _takes_gzip()
    )
    return provider_choice().upstream().send(sent, place.read)


def _takes_gzip() -> bool:
    return takes_gzip(request.headers.get("Accept-Encoding", ""))


def _drawn(call: Call) -> GeneratedImage:
    choice = provider_choice()
    wanted = ImageRequest(
        prompt=call.final_prompt,
        model=call.model,
        aspect_ratio=call.aspect_ratio,
        size=call.size or choice.catalog.default(call.provider).default_size,
        seed=call.seed,
        input_images=call.inputs,
    )
    return choice.provider(call.provider).generate(wanted)
