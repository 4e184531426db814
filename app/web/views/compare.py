"""/compare: two to four pictures beside each other."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.errors import InvalidInput, NotFound
from app.models import Role
from app.services.comparison import SETTINGS, compare, ids_of
from app.web.door import needs
from app.web.rendering import page

blueprint = Blueprint("compare", __name__)


@blueprint.get("/compare")
@needs(Role.VIEWER)
def show() -> Response:
    """The pictures that `ids` names, with commas between or given several times."""
    try:
        found = compare(ids_of(",".join(request.args.getlist("ids"))))
    except NotFound as error:
        return page("compare/wrong.html", 404, wrong=error)
    except InvalidInput as error:
        return page("compare/wrong.html", 422, wrong=error)
    return page("compare/index.html", found=found, names=SETTINGS)
