"""/v1: the wire of OpenAI's image API, for its clients."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.compat import door
from app.compat.openai import edits, generations, links, models
from app.compat.openai.errors import as_openai
from app.compat.openai.refusals import Refusals
from app.key_door import bearer_token, tell_allowance

PREFIX = "/v1"
blueprint = Blueprint("compat_openai", __name__, url_prefix=PREFIX)
blueprint.after_request(tell_allowance)
blueprint.register_blueprint(edits.blueprint)
blueprint.register_blueprint(generations.blueprint)
blueprint.register_blueprint(links.blueprint)
blueprint.register_blueprint(models.blueprint)

blueprint.record_once(lambda state: state.app.extensions.update(openai_refusals=Refusals()))


@blueprint.before_request
def _check_key() -> None:
    door.check(bearer_token(), how="Authorization: Bearer ps_…")


def finish(response: Response) -> Response:
    """Return an answer of this face, its errors in OpenAI's shape; others as they are."""
    ours = request.path == PREFIX or request.path.startswith(PREFIX + "/")
    return as_openai(response) if ours else response
