"""/gemini: the wire of Google's Gemini API for image models, for its clients."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.compat import door
from app.compat.gemini import calls, models
from app.compat.gemini.errors import as_google
from app.compression import compress
from app.key_door import bearer_token, tell_allowance

PREFIX = "/gemini"
blueprint = Blueprint("compat_gemini", __name__, url_prefix=PREFIX)
blueprint.register_blueprint(models.blueprint)
blueprint.register_blueprint(calls.blueprint)
blueprint.after_request(tell_allowance)


@blueprint.before_request
def _check_key() -> None:
    token = request.headers.get("x-goog-api-key") or request.args.get("key") or bearer_token()
    door.check(token, how="x-goog-api-key: ps_…")


def finish(response: Response) -> Response:
    """Return an answer of this face, its errors in Google's shape; others as they are."""
    ours = request.path == PREFIX or request.path.startswith(PREFIX + "/")
    # Google packs the shortest of answers, and there are clients that look for it.
    return compress(as_google(response), smallest=1) if ours else response
