"""/v1/images/generations: pictures from words."""

from __future__ import annotations

from flask import Blueprint, Response

from app.compat.door import needs
from app.compat.openai.answers import Wanted
from app.compat.openai.asking import ask
from app.compat.openai.body import ImageBody, parse_json
from app.compat.openai.models import model_of
from app.compat.openai.sizes import settings_of
from app.compat.project import project
from app.models import Role
from app.services.generation_request import GenerationRequest

blueprint = Blueprint("generations", __name__, url_prefix="/images")


@blueprint.post("/generations")
@needs(Role.CREATOR)
def create() -> Response:
    """Draw pictures and answer with them, whole or as events."""
    body = parse_json(ImageBody)
    return ask(lambda: request_of(body), Wanted.of(body), "image_generation")


def request_of(body: ImageBody) -> GenerationRequest:
    """Return in our words what a body asks for. Raises InvalidInput or ModelNotFound."""
    model = model_of(body.model)
    aspect_ratio, size = settings_of(body.size, body.quality, model)
    return GenerationRequest(
        prompt=body.prompt,
        n=1 if body.n is None else body.n,
        model=model.name,
        aspect_ratio=aspect_ratio,
        size=size,
        project=project(),
        end_user=body.end_user,
    )
