"""GET /v1/images/{id}/{variant}: a picture for whoever has the link to it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import Forbidden

from app.compat.door import open_to_all
from app.extensions import current_settings
from app.services.login_links import own_address
from app.services.picture_links import PictureLink, link_to, opened
from app.services.picture_variants import Variant

blueprint = Blueprint("links", __name__)
# What a picture may do when it is opened by itself: be looked at.
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
NOT_OURS = "This link is none of ours, or was changed on its way. Take it as it was given."
_Number = Annotated[int, Field(ge=0, lt=2**63)]


class _Query(BaseModel):
    model_config = ConfigDict(frozen=True)

    expires: _Number
    key: _Number
    signature: str


def address_of(image_id: int, variant: Variant, key: int) -> str:
    """Return a link to a picture, on the address that users see, made for a key."""
    link = link_to(image_id, variant, key)
    path = url_for("compat_openai.links.show", image_id=image_id, variant=link.variant)
    said = {"expires": link.expires, "key": link.key, "signature": link.signature}
    return f"{own_address(current_settings())}{path}?{urlencode(said)}"


@blueprint.get("/images/<int:image_id>/<variant>")
@open_to_all
def show(image_id: int, variant: str) -> Response:
    """The picture: 403 for a wrong signature; 410 once it has expired, or picture or key are gone."""
    link = _link(image_id, variant)
    picture = opened(link)
    response = Response(mimetype=picture.mime_type)
    response.headers["Content-Security-Policy"] = SANDBOX
    # The link is the key: a page elsewhere may show what it opens.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"private, max-age={picture.seconds}"
    response.set_etag(picture.etag)
    if request.if_none_match.contains_weak(picture.etag):
        response.status_code = 304
    else:
        response.set_data(picture.read())
    return response


def _link(image_id: int, variant: str) -> PictureLink:
    """Return what the address says. Raises Forbidden unless it is signed."""
    try:
        said = _Query.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise Forbidden(NOT_OURS) from error
    link = PictureLink(image_id, variant, said.expires, said.key)
    if not link.is_signed(said.signature):
        raise Forbidden(NOT_OURS)
    return link
